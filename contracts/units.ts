/** Units live in the type inside and in the field name on the wire (`answerLimitSeconds`). */
declare const unit: unique symbol;
type Quantity<Unit extends string> = number & { readonly [unit]?: Unit };

/** A length of time, or a moment on a session's own timeline, in milliseconds. */
export type Millis = Quantity<"millis">;
/** Milliseconds since 1970-01-01T00:00:00Z by some wall clock, which may be wrong. */
export type EpochMillis = Quantity<"epochMillis">;

export const millis = (count: number): Millis => count as Millis;
export const seconds = (count: number): Millis => (count * 1000) as Millis;
export const minutes = (count: number): Millis => seconds(count * 60);
export const hours = (count: number): Millis => minutes(count * 60);
export const days = (count: number): Millis => hours(count * 24);
