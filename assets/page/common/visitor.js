// Whose page this is: the server knows a visitor by a cookie, so that a reload or a second tab finds the same run.

export const makers = {};

const DAYS = 30;

makers.visitor =
  () =>
  ({ cookie, token }) => {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${cookie}=${token}; path=/; max-age=${DAYS * 86400}; SameSite=Lax${secure}`;
  };
