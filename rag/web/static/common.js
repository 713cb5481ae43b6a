// What the scripts of the pages share. The server puts `LOCALES` before them: the tags of the languages,
// with Gradio's names for them.
const archive = {
  find: (selector, within = document) => within.querySelector(selector),
  findAll: (selector, within = document) => [...within.querySelectorAll(selector)],
  word: (key) => document.querySelector("#words")?.dataset[key] ?? "",
  questionOf: (address) => new URLSearchParams(address).get("q"),
};
