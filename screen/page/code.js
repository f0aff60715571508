// The part of the page where a program is typed.

/** `viewNow` gives the view that is drawn; the others are the page's own. */
export function codePart({ part, text, say, ask, viewNow }) {
  const codeNow = () => (viewNow()?.show === "question" ? viewNow().question?.code : undefined);
  /** The program that is typed: for which question, in which language, each language's text, and whether it was told. */
  const nothing = () => ({ questionId: undefined, language: undefined, sources: {}, told: true });
  let typed = nothing();

  const starterOf = (code, language) => code.languages.find((one) => one.language === language)?.starter ?? "";

  function pickLanguage(language) {
    typed.language = language;
    typed.sources[language] ??= starterOf(codeNow(), language);
    part("code-language").value = language;
    part("source").value = typed.sources[language];
    drawWords();
  }

  /**
   * Tells the agent what is typed, so that neither a press nor a pulled plug loses it; what nobody has touched only
   * when it is handed in here, so that the button on the device hands in no starter by mistake.
   */
  async function tell({ untouched = false } = {}) {
    const telling = typed;
    const { questionId, language, sources, told } = telling;
    if (codeNow() === undefined || questionId !== viewNow().question.questionId || (told && !untouched)) return;
    telling.told = true;
    const arrived = await ask({ do: "write", questionId, language, source: sources[language] });
    if (!arrived) telling.told = false;
  }

  function drawWords() {
    say("code-language-label", text("code.language"));
    say("code-hint", text(`code.hint.${typed.language}`));
    say("source-label", text("code.source"));
  }

  function exampleRows({ name, input, expected }) {
    const head = document.createElement("dt");
    head.textContent = text("code.example", { name });
    const cells = [
      ["code.input", input],
      ["code.expected", expected],
    ].map(([label, words]) => {
      const cell = document.createElement("dd");
      const shown = document.createElement("pre");
      shown.textContent = words;
      cell.append(text(label), shown);
      return cell;
    });
    return [head, ...cells];
  }

  function draw() {
    const code = codeNow();
    part("code").hidden = code === undefined;
    if (code === undefined) {
      // The next candidate may be asked the same question.
      typed = nothing();
      part("source").value = "";
      return;
    }
    const drawn = JSON.stringify([code.examples, viewNow().language, viewNow().question.questionId]);
    if (part("examples").dataset.drawn !== drawn) {
      part("examples").dataset.drawn = drawn;
      part("examples").replaceChildren(...code.examples.flatMap(exampleRows));
    }
    if (typed.questionId === viewNow().question.questionId) {
      drawWords();
      return;
    }
    part("code-language").replaceChildren(
      ...code.languages.map(({ language }) => new Option(text(`code.name.${language}`), language)),
    );
    // What an earlier start of the page had told the agent; from now on this page knows better.
    const sources = code.written === undefined ? {} : { [code.written.language]: code.written.source };
    typed = { questionId: viewNow().question.questionId, language: undefined, sources, told: true };
    pickLanguage(code.written?.language ?? code.languages[0].language);
  }

  part("source").addEventListener("input", () => {
    typed.sources[typed.language] = part("source").value;
    typed.told = false;
  });
  part("source").addEventListener("keydown", (event) => {
    // Tab indents; Escape and then Tab goes on to the next control, so that nobody is caught here.
    if (event.key === "Escape") part("actions").querySelector("button")?.focus();
    if (event.key !== "Tab" || event.shiftKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const source = part("source");
    source.setRangeText("    ", source.selectionStart, source.selectionEnd, "end");
    source.dispatchEvent(new Event("input"));
  });
  part("code-language").addEventListener("change", () => {
    typed.told = false;
    pickLanguage(part("code-language").value);
  });

  /** `tell` is called each second: at most so much typing is lost with the plug, or to the button on the device. */
  return { draw, tell, isAsked: () => codeNow() !== undefined };
}
