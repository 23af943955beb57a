"""A small text, from which a vocabulary of words is made in no time."""

STORY = "The cat sat. A dog ran, and the cat ran too! Why did Tom's dog run?\n" * 60
