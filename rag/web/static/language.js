// The language of the page: the chosen one, or the browser's; the server reads it from a cookie.
(() => {
  "use strict";
  const DEFAULT = "en";

  function preferred() {
    const chosen = /(?:^|; )lang=([\w-]+)/.exec(document.cookie)?.[1];
    if (chosen in LOCALES) return chosen;
    for (const tag of navigator.languages) {
      const [base, ...rest] = tag.toLowerCase().split("-");
      if (base === "zh") {
        const isTraditional = rest.some((part) => ["hant", "tw", "hk", "mo"].includes(part)) && !rest.includes("hans");
        return isTraditional ? "zh-Hant" : "zh-Hans";
      }
      if (base in LOCALES) return base;
    }
    return DEFAULT;
  }

  function choose(locale) {
    document.cookie = `lang=${locale}; path=/; max-age=31536000; SameSite=Lax`;
  }

  const locale = preferred();
  choose(locale);
  document.documentElement.lang = locale;
  // Gradio reads the language of its own texts from here.
  Object.defineProperty(navigator, "language", { get: () => LOCALES[locale] });
  Object.defineProperty(navigator, "languages", { get: () => [LOCALES[locale]] });
  addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
    if (document.documentElement.lang !== locale) document.documentElement.lang = locale;
  }).observe(document.documentElement, { attributeFilter: ["lang"] }));

  addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-lang]");
    if (!button) return;
    choose(button.dataset.lang);
    location.reload();
  });
})();
