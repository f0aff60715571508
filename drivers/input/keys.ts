/** Names and codes as the kernel has them (include/uapi/linux/input-event-codes.h). Rows of keys have codes in a row. */
const rows: readonly (readonly [first: number, names: readonly string[]])[] = [
  [2, [..."1234567890"].map((key) => `KEY_${key}`)],
  [16, [..."QWERTYUIOP"].map((key) => `KEY_${key}`)],
  [30, [..."ASDFGHJKL"].map((key) => `KEY_${key}`)],
  [44, [..."ZXCVBNM"].map((key) => `KEY_${key}`)],
  [59, Array.from({ length: 10 }, (_, index) => `KEY_F${index + 1}`)],
  [183, Array.from({ length: 12 }, (_, index) => `KEY_F${index + 13}`)],
  // The number block, as it lies.
  [71, [..."789"].map((key) => `KEY_KP${key}`)],
  [75, [..."456"].map((key) => `KEY_KP${key}`)],
  [79, [..."1230"].map((key) => `KEY_KP${key}`)],
  [0x100, Array.from({ length: 10 }, (_, index) => `BTN_${index}`)],
  [0x110, ["LEFT", "RIGHT", "MIDDLE"].map((name) => `BTN_${name}`)],
  // What boxes of arcade buttons send: joysticks to the kernel, or gamepads.
  [0x120, ["TRIGGER", "THUMB", "THUMB2", "TOP", "TOP2", "PINKIE"].map((name) => `BTN_${name}`)],
  [0x126, ["BASE", "BASE2", "BASE3", "BASE4", "BASE5", "BASE6"].map((name) => `BTN_${name}`)],
  [0x130, ["SOUTH", "EAST", "C", "NORTH", "WEST", "Z"].map((name) => `BTN_${name}`)],
  [0x136, ["TL", "TR", "TL2", "TR2", "SELECT", "START", "MODE"].map((name) => `BTN_${name}`)],
  [0x2c0, Array.from({ length: 40 }, (_, index) => `BTN_TRIGGER_HAPPY${index + 1}`)],
];

const single = {
  KEY_ESC: 1,
  KEY_ENTER: 28,
  KEY_SPACE: 57,
  KEY_F11: 87,
  KEY_F12: 88,
  KEY_KPENTER: 96,
  KEY_UP: 103,
  KEY_LEFT: 105,
  KEY_RIGHT: 106,
  KEY_DOWN: 108,
  KEY_HELP: 138,
  KEY_PLAYPAUSE: 164,
};

export const keyCodes: Readonly<Record<string, number>> = {
  ...single,
  ...Object.fromEntries(rows.flatMap(([first, names]) => names.map((name, index) => [name, first + index]))),
};
