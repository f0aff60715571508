import t from "tap";
import { openCatalogue, terminalLanguage } from "./catalogue.ts";

t.test("speaks the language of the terminal's locale, LC_ALL before LC_MESSAGES before LANG", async (t) => {
  t.equal(terminalLanguage({ LANG: "zh_CN.UTF-8" }), "zh-CN");
  t.equal(terminalLanguage({ LANG: "zh_CN.UTF-8", LC_ALL: "en_GB.UTF-8" }), "en");
  t.equal(terminalLanguage({ LANG: "en_US.UTF-8", LC_MESSAGES: "zh_TW" }), "zh-CN");
  t.equal(terminalLanguage({ LANG: "zh_CN.UTF-8", LC_ALL: "" }), "zh-CN");
  t.equal(terminalLanguage({}), "en");
});

t.test("puts facts into a sentence", async (t) => {
  t.equal(openCatalogue("en")("step.chosen", { option: "B" }), "Chose B with the buttons");
});

t.test("refuses a sentence that is not there", async (t) => {
  t.throws(() => openCatalogue("en")("no.such.sentence"), { code: "internal" });
});
