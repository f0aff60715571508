import { join } from "node:path";
import { pathToFileURL } from "node:url";
import t from "tap";
import type { ScreenRequest, View } from "../contracts/screen.ts";
import { projectRoot } from "../runtime/paths.ts";

/** As much of an element as the page's script uses. */
class Element {
  value = "";
  hidden = false;
  textContent = "";
  readonly dataset: Record<string, string> = {};
  children: unknown[] = [];
  readonly #listeners = new Map<string, ((event: object) => void)[]>();

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  happen(type: string, event: object = {}): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }
  replaceChildren(...children: unknown[]): void {
    this.children = children;
  }
  append(...children: unknown[]): void {
    this.children.push(...children);
  }
}

Object.assign(globalThis, {
  document: { createElement: () => new Element() },
  Option: class {
    readonly text: string;
    readonly value: string;
    constructor(text: string, value: string) {
      this.text = text;
      this.value = value;
    }
  },
});

type CodePart = { draw(): void; tell(options?: { untouched?: boolean }): Promise<void>; isAsked(): boolean };
const script = pathToFileURL(join(projectRoot, "screen", "page", "code.js")).href;
const { codePart } = (await import(script)) as { codePart: (page: object) => CodePart };

type Code = NonNullable<NonNullable<View["question"]>["code"]>;

function opened() {
  const elements = new Map<string, Element>();
  const part = (id: string): Element => {
    const element = elements.get(id) ?? new Element();
    elements.set(id, element);
    return element;
  };
  const asked: ScreenRequest[] = [];
  const page = { view: undefined as object | undefined, arrives: true };
  const code = codePart({
    part,
    text: (key: string) => key,
    say: (id: string, words: string) => {
      part(id).textContent = words;
    },
    ask: async (request: ScreenRequest) => {
      asked.push(request);
      return page.arrives;
    },
    viewNow: () => page.view,
  });
  const show = (questionId: string, change: Partial<Code> = {}): void => {
    const languages = [
      { language: "python", starter: "# begin" },
      { language: "javascript", starter: "" },
    ];
    const shown = { languages, examples: [{ name: "one", input: "1", expected: "2" }], ...change };
    page.view = { show: "question", language: "en", question: { questionId, code: shown } };
    code.draw();
  };
  const leave = (): void => {
    page.view = { show: "waiting", language: "en" };
    code.draw();
  };
  const type = (text: string): void => {
    part("source").value = text;
    part("source").happen("input");
  };
  return { part, asked, page, code, show, leave, type };
}

t.test("tells what is typed once, again after a failure, and a starter only when it is handed in here", async (t) => {
  const { asked, page, code, show, type, part } = opened();
  show("q");
  t.equal(part("source").value, "# begin");
  t.equal(code.isAsked(), true);
  await code.tell();
  t.strictSame(asked, [], "nobody has touched it");
  await code.tell({ untouched: true });
  t.strictSame(asked.splice(0), [{ do: "write", questionId: "q", language: "python", source: "# begin" }]);
  type("x = 1");
  page.arrives = false;
  await code.tell();
  page.arrives = true;
  await code.tell();
  await code.tell();
  t.equal(asked.length, 2, "once in vain, once well");
});

t.test("keeps what is typed when the view comes again, and each language's text when it is changed", async (t) => {
  const { show, type, part, code, asked } = opened();
  show("q");
  type("x = 1");
  show("q", { written: { language: "python", source: "older" } });
  t.equal(part("source").value, "x = 1");
  part("code-language").value = "javascript";
  part("code-language").happen("change");
  t.equal(part("source").value, "");
  type("let x");
  await code.tell();
  t.match(asked, [{ language: "javascript", source: "let x" }]);
  part("code-language").value = "python";
  part("code-language").happen("change");
  t.equal(part("source").value, "x = 1");
});

t.test("takes up after a restart what the agent had kept", async (t) => {
  const { show, part, code, asked } = opened();
  show("q", { written: { language: "javascript", source: "let kept" } });
  t.equal(part("source").value, "let kept");
  t.equal(part("code-language").value, "javascript");
  await code.tell();
  t.strictSame(asked, []);
});

t.test("shows the next candidate nothing of the one before, also at the same question", async (t) => {
  const { show, leave, type, part, code, asked } = opened();
  show("q");
  type("a secret");
  leave();
  t.equal(part("source").value, "");
  t.equal(part("code").hidden, true);
  await code.tell({ untouched: true });
  t.strictSame(asked, [], "nothing is told where no code is asked for");
  show("q");
  t.equal(part("source").value, "# begin");
});
