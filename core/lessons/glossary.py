"""Every term on the pages in a sentence or two, and what to read."""

from dataclasses import dataclass

from core.lessons.tour import COMPARE, DATA, EXPLORE, INSIDE, REFERENCE, TUNE


@dataclass(frozen=True)
class Term:
    """page, place: where it occurs; other: more words by which it can be found, or ""; text: its meaning, in one or
    two sentences."""

    name: str
    page: str
    place: str
    other: str
    text: str


# Their names, places and texts, and what works are used for, are messages, which are translated where they are shown.
# fmt: off
TERMS = (
    # the data
    Term("Word", DATA, "Examples", "name",
         "One line of the data, here a name."),
    Term("Vocabulary", DATA, "Examples", "stoi itos index symbol",
         "All characters of the data, numbered; 27 here: a to z and the boundary. stoi turns a character into its "
         "number, itos turns it back."),
    Term("Boundary", DATA, "Examples", "start end padding dot",
         "The character “.” that is before the first and after the last letter of every word. When the network "
         "generates it, the name ends."),
    Term("Context", EXPLORE, "What comes next", "X window",
         "The characters that the network sees before it guesses the next one, padded with “.” at the start of a "
         "word."),
    Term("Context length", EXPLORE, "knobs", "block size block_size n-gram order",
         "How many characters a context has: block_size in the lecture’s code, n − 1 in the paper."),
    Term("Target", DATA, "Examples", "label Y next character",
         "The character that really follows a context: Y."),
    Term("Example", DATA, "Examples", "training example X Y",
         "A context and the character that follows it. A name of five letters gives six."),
    Term("Split", DATA, "Who predicts best", "",
         "The words are shuffled once and divided: 80 % train, 10 % dev, 10 % test."),
    Term("Train, dev, test", EXPLORE, "Loss", "validation split held-out",
         "The network learns from train; dev is for choosing between runs; test is used only at the end. Only the loss "
         "on names that were not used for learning shows how well a network has learned."),
    # the network
    Term("Embedding", EXPLORE, "Embedding", "C feature vector lookup table",
         "The row of numbers that describes a character, learned like all other parameters. Characters that are used "
         "in similar ways often get similar embeddings."),
    Term("Embedding dimensions", EXPLORE, "knobs", "n_embd m features",
         "How many numbers a character’s row in C has: n_embd. With 2 the picture shows them as they are."),
    Term("One-hot", INSIDE, "look up C[i]", "lookup",
         "A row of zeros with a 1 at a character’s number. Multiplying it by C picks out one row, so indexing gives "
         "the same and is quicker."),
    Term("Parameters", EXPLORE, "sidebar", "weights biases",
         "All the numbers that training changes: C, W1, b1, W2, b2, and Wd if there are direct connections."),
    Term("Hidden units", EXPLORE, "knobs", "n_hidden layer W1 b1 h neuron",
         "The tanh neurons between the embeddings and the guess: n_hidden. Each looks at the whole context."),
    Term("tanh", INSIDE, "tanh", "activation nonlinearity",
         "Maps any number to the range −1 to 1. Without it, two layers could do no more than one."),
    Term("Saturated", TUNE, "Saturation", "activation",
         "A hidden unit beyond ±0.97, where tanh is nearly flat and hardly any gradient comes through."),
    Term("Dead unit", TUNE, "Saturation", "",
         "A hidden unit that is saturated for every example: it cannot learn any more."),
    Term("Direct connections", EXPLORE, "knobs, More", "Wd skip",
         "A second, linear path from the embeddings straight to the logits: Wd here, W and dashed arrows in the "
         "paper."),
    Term("Logits", INSIDE, "softmax", "scores counts",
         "The network’s raw numbers, one for each character, before softmax. Adding the same to all changes "
         "nothing."),
    Term("Softmax", INSIDE, "softmax", "probabilities exp",
         "Takes e to each logit and divides by their sum: numbers above 0 that add up to 1."),
    Term("Tensor", INSIDE, "many at once: C[X]", "shape view storage stride",
         "Numbers in rows, tables or blocks, with a shape such as 32 × 3 × 2."),
    Term("Broadcasting", INSIDE, "@ W1 + b1", "shape",
         "How PyTorch lines up shapes that differ: from the right, where a 1 or nothing is repeated."),
    # the loss
    Term("Loss", EXPLORE, "Loss", "negative log-likelihood nll cross-entropy error",
         "How wrong the predictions are: minus the logarithm of the probability of the character that really comes "
         "next, averaged over examples. Lower is better."),
    Term("Cross-entropy", INSIDE, "softmax", "loss",
         "The same loss computed straight from the logits, which is quicker and does not overflow."),
    Term("Nats", COMPARE, "Loss (lower is better)", "unit bits",
         "The unit of a loss made with the natural logarithm. A uniform guess among 27 costs ln 27 = 3.30 nats."),
    Term("Perplexity", DATA, "Who predicts best", "loss",
         "e to the power of the loss: guessing among this many equally likely characters has the same loss. 27 at "
         "first, 9 at a loss of 2.2."),
    Term("Temperature", EXPLORE, "Names", "sampling",
         "The logits are divided by it before a name is generated. Below 1, likely characters become more likely; "
         "above 1, rare characters do."),
    Term("Sample", EXPLORE, "Names", "sampling generate write",
         "To generate a name: draw a character according to its probability, add it to the context, and repeat until "
         "the boundary."),
    # training
    Term("Gradient", INSIDE, "backwards", "backward backpropagation derivative norm",
         "How the loss changes when a parameter changes. Each step moves them in the opposite direction."),
    Term("Gradient descent", DATA, "Gradient descent", "SGD descent",
         "Change every parameter a little against its gradient, again and again. With minibatches it is called "
         "stochastic: SGD."),
    Term("Step", EXPLORE, "sidebar", "steps epoch iteration",
         "One change of all parameters, from one minibatch. We count steps, not passes over the data."),
    Term("Minibatch", EXPLORE, "Loss", "batch size batch_size",
         "The few random examples that one step uses. Their gradient is not exact, but quick to compute."),
    Term("Batch size", EXPLORE, "knobs", "batch_size minibatch",
         "How many examples a minibatch has: batch_size. “full” takes all of the training split."),
    Term("Learning rate", TUNE, "Learning rate", "learning_rate step size",
         "How far a step goes against the gradient: learning_rate. If it is too low, learning is slow; if it is too "
         "high, the loss explodes."),
    Term("Schedule", EXPLORE, "knobs, More", "decay_at decay annealing",
         "How the learning rate changes over the steps: constant, step (a tenth after “Decay after”), or cosine."),
    Term("Weight decay", EXPLORE, "knobs, More", "weight_decay regularisation penalty L2",
         "In every step, weights and embeddings (not biases) are moved a little towards zero: weight_decay."),
    Term("Optimiser", EXPLORE, "knobs, More", "optimiser SGD Adagrad gradient descent",
         "How a gradient becomes a step. SGD takes the gradient times the learning rate; Adagrad divides it by the "
         "root of the sum of all squared gradients that the weight has had."),
    Term("Tied output weights", EXPLORE, "knobs, More", "tied sharing weight tying",
         "The output layer uses the embeddings C as its weights: logits = (h @ W2) @ C.T + b2, where W2 has only "
         "n_embd columns. Not in the paper."),
    Term("Initialisation", TUNE, "Initial weights, repaired", "init randn Kaiming gain",
         "How the initial weights are drawn. “scaled” starts near the uniform guess; “lecture” is plain randn, with "
         "first guesses that are confident and wrong; “frequency” guesses each symbol as often as it occurs."),
    Term("Seed", EXPLORE, "knobs, More", "random generator",
         "The number that determines the initial weights and the minibatches. The same seed gives the same run."),
    Term("Overfitting", TUNE, "Train and dev", "memorise generalise",
         "Memorising the training names: the train loss continues to fall while the dev loss does not."),
    Term("Underfitting", TUNE, "Train and dev", "capacity",
         "Train and dev are close and both could be lower: the network is too small, or not done."),
    Term("Update to weight", TUNE, "Update to weight", "ratio",
         "How large one step’s change is beside the weights that it changes. About a thousandth is a common rule of "
         "thumb."),
    # knobs and runs
    Term("Knob", EXPLORE, "knobs", "hyperparameter slider",
         "A setting of a run, also called a hyperparameter: chosen by a person, not learned."),
    Term("Live knob", EXPLORE, "knobs, Training", "change",
         "A knob that can change while training, such as the learning rate. The history records the step."),
    Term("Cold knob", EXPLORE, "knobs, Model", "new run",
         "A knob that needs new weights, such as hidden units: changing it starts a new run."),
    Term("Run", COMPARE, "library", "",
         "One training from its initial weights on: config, parameters and history."),
    Term("Checkpoint", EXPLORE, "time bar", "history frame snapshot",
         "The parameters of a run at one step, kept so that the time bar can show earlier steps."),
    Term("Fork", EXPLORE, "time bar", "branch",
         "A new run that starts from a step of another run."),
    # counting
    Term("n-gram", DATA, "Who predicts best", "bigram trigram 4-gram unigram count model baseline",
         "A model that only counts which character followed the n − 1 before it: a bigram sees one, a trigram two, "
         "a 4-gram three."),
    Term("Uniform guess", EXPLORE, "Loss", "baseline",
         "Every character is equally likely: the loss of knowing nothing."),
    Term("Smoothing", DATA, "Who predicts best", "add-one add-0.1",
         "Giving a little probability to what was never counted, because a probability of 0 would make the loss "
         "infinite."),
    Term("Kneser-Ney", DATA, "Who predicts best", "smoothing back-off interpolated discount",
         "A better count model: it takes a little from every count and gives it to shorter contexts, according to how "
         "many different characters come before."),
    Term("Mix", DATA, "Mix", "interpolation ensemble",
         "A weighted average of the probabilities of two models. The paper mixes its network and a trigram equally."),
    Term("Unseen context", INSIDE, "unseen contexts", "generalisation curse of dimensionality",
         "A context of the dev names that never occurs in training. A count model has no counts for it; a network can "
         "use contexts with similar embeddings."),
    # geometry
    Term("PCA", EXPLORE, "Embedding", "principal component projection variance",
         "Principal component analysis: shows points in the plane in which they differ most. The axes say how much of "
         "the variance is visible."),
    Term("Procrustes", COMPARE, "Where each character sits", "alignment rotation residual",
         "Moves, rotates and scales one picture as a whole to be as close as possible to another. The residual is the "
         "remaining difference: 0 means the same shape."),
    Term("Silhouette", EXPLORE, "Structure", "cluster score vowels chance band",
         "How much nearer a letter is to its own group than to the other, from −1 to 1. The mean says whether "
         "vowels and consonants are apart."),
    Term("Neighbours", EXPLORE, "Neighbours", "nearest distance",
         "The characters whose rows in C are nearest, in all dimensions and not only in the picture."),
    Term("Free parameters", REFERENCE, "The paper’s own network", "parameters",
         "The paper’s word for the parameters: |V|(1 + nm + h) + h(1 + (n − 1)m) with direct connections."),
)


@dataclass(frozen=True)
class Work:
    """A reference. used: what this program takes from it."""

    authors: str
    year: int
    title: str
    where: str
    link: str
    used: str


WORKS = (
    Work("Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin", 2003, "A neural probabilistic language model",
         "Journal of Machine Learning Research 3, 1137–1155", "https://www.jmlr.org/papers/v3/bengio03a.html",
         "The network, direct connections, weight decay, the mix with a trigram."),
    Work("A. Karpathy", 2022, "Building makemore, part 2: MLP", "Lecture, 1 h 15 min",
         "https://www.youtube.com/watch?v=TCH_1BHY58I",
         "The order of the tour, the settings on Explore, the code that Inside the network takes apart."),
    Work("A. Karpathy", 2022, "nn-zero-to-hero", "Notebooks of the lectures; makemore is the code that they lead to",
         "https://github.com/karpathy/nn-zero-to-hero",
         "The field’s own names in the code; the lecture before this one, on the Data page."),
    Work("S. F. Chen, J. Goodman", 1999, "An empirical study of smoothing techniques for language modeling",
         "Computer Speech & Language 13, 359–394", "https://doi.org/10.1006/csla.1999.0128",
         "Kneser-Ney, ordinary and modified, on the Data page."),
    Work("P. J. Rousseeuw", 1987,
         "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis",
         "Journal of Computational and Applied Mathematics 20, 53–65", "https://doi.org/10.1016/0377-0427(87)90125-7",
         "Whether vowels sit together: the tab Structure on Explore."),
    Work("P. H. Schönemann, R. M. Carroll", 1970,
         "Fitting one matrix to another under choice of a central dilation and a rigid motion",
         "Psychometrika 35, 245–255", "https://doi.org/10.1007/BF02291266",
         "Laying the embeddings of several runs over one another on Compare runs."),
)
# fmt: on
