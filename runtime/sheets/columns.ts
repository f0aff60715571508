import type { Said } from "./cells.ts";
import type { Form } from "./forms.ts";

/** `also`: further headers it is known by. `about`: what a person writes there. `width` in characters. */
export type Column<T> = {
  form: Form<T>;
  header: Said;
  also?: readonly string[];
  about: Said;
  required?: true;
  width?: number;
};
export type Columns = Record<string, Column<unknown>>;
export type RowOf<C extends Columns> = { [K in keyof C]?: (C[K] extends Column<infer T> ? T : never) | undefined };
export type SheetKind<C extends Columns> = { name: Said; also: readonly string[]; columns: C };

export const said = (zh: string, en: string): Said => ({ "zh-CN": zh, en });
export const column = <T>(form: Form<T>, header: Said, rest: Omit<Column<T>, "form" | "header">): Column<T> => ({
  form,
  header,
  ...rest,
});
export const sheet = <C extends Columns>(kind: SheetKind<C>): SheetKind<C> => kind;
