import t from "tap";
import { followedBy } from "../../contracts/plan.ts";
import type { AnswerScore, Evidence } from "../../contracts/scoring.ts";
import { sessionScore } from "../../contracts/scoring.ts";
import { spearman } from "./agreement.ts";
import { comparableScore, expectedScore } from "./comparable.ts";
import { nextQuestion } from "./route.ts";
import { simulatedRubric } from "./sampleRoute.ts";
import { canonicalScore, scoreSession } from "./score.ts";

/** Chance with a fixed seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;
const logistic = (value: number): number => 1 / (1 + Math.exp(-value));

/** A candidate of known ability (logits). `logitsPerStep`: how hard a step of stated difficulty really is for them. */
type Candidate = { ability: number; random: () => number; logitsPerStep?: number };
type Route = { asked: string[]; answers: AnswerScore[] };

/** What figures are worth in an answer, the share of a story's points that the scorer gives for them. */
const figures = 0.06;

/**
 * An answer as the scorer gives it: points that sum to its score, which lies around what ability and difficulty make
 * likely. Figures are told unasked by some, and by most when they are asked for.
 */
function answerTo(id: string, { ability, random, logitsPerStep = 0.5 }: Candidate): AnswerScore {
  const question = simulatedRubric.questions.find((one) => one.id === id);
  const [competency = ""] = question?.competencies ?? followedBy(simulatedRubric, id)?.competencies ?? [];
  const followsUp = followedBy(simulatedRubric, id) !== undefined;
  const noise = 0.6 * normal(random);
  const part = logistic(ability + noise - logitsPerStep * ((question?.difficulty ?? 3) - 3));
  const tells = random() < (followsUp ? 0.8 : 0.5);
  const told = tells ? figures : 0;
  const score = Math.round(Math.max(told, followsUp ? told : part + (told - figures / 2)) * 1000) / 1000;
  const held = Math.min(1, score);
  const piece = (rule: string, point: string, weight: number): Evidence => ({
    ...{ competency, quote: point, start: null, end: null, rule, point, weight },
  });
  return {
    answerId: `a-${id}`,
    question: id,
    score: held,
    interval: [Math.max(0, held - 0.1), Math.min(1, held + 0.1)],
    evidence: [piece("concept", "concept:x", held - told), ...(tells ? [piece("specifics", "numbers", told)] : [])],
    insufficient: false,
    competencies: { [competency]: held },
  };
}

/** The route that the rules give this candidate. */
function adaptive(candidate: Candidate): Route {
  const { first = [] } = simulatedRubric.route ?? {};
  const asked = first.slice(0, 1);
  const answers = asked.map((id) => answerTo(id, candidate));
  for (;;) {
    const { question } = nextQuestion({ rubric: simulatedRubric, asked, answers });
    if (question === null) return { asked, answers };
    asked.push(question);
    answers.push(answerTo(question, candidate));
  }
}

/** The questions for everyone, then those of one difficulty, whatever is answered. */
function forced(candidate: Candidate, difficulty: number, followed: boolean): Route {
  const { first = [], pools = [] } = simulatedRubric.route ?? {};
  const drawn = pools.flatMap(({ questions, count }) =>
    [...questions]
      .filter((id) => !id.endsWith("-figures"))
      .sort((a, b) => Math.abs(levelOf(a) - difficulty) - Math.abs(levelOf(b) - difficulty))
      .slice(0, count),
  );
  const asked = [...first, ...drawn];
  const answers = asked.map((id) => answerTo(id, candidate));
  const lacking = answers.find((one) => !one.evidence.some(({ point }) => point === "numbers"));
  const next = simulatedRubric.questions.find(({ id }) => id === lacking?.question)?.followUps?.[0]?.question;
  return followed && next !== undefined
    ? { asked: [...asked, next], answers: [...answers, answerTo(next, candidate)] }
    : { asked, answers };
}

const levelOf = (id: string): number => simulatedRubric.questions.find((one) => one.id === id)?.difficulty ?? 3;
const totalOf = ({ answers }: Route): number => scoreSession(simulatedRubric, answers, {}).total ?? Number.NaN;
/** The mean of the answers to the plan's questions, as if no difficulty had been stated. */
const rawOf = ({ answers }: Route): number =>
  mean(
    answers.filter(({ question }) => followedBy(simulatedRubric, question) === undefined).map((one) => one.score ?? 0),
  );
const hardnessOf = ({ asked }: Route): number =>
  mean(asked.filter((id) => followedBy(simulatedRubric, id) === undefined).map(levelOf));
/** What this ability is worth on questions of middle difficulty, the noise of one answer included. */
function worthOf(ability: number): number {
  const points = Array.from({ length: 41 }, (_, at) => (at - 20) / 5);
  const density = points.map((z) => Math.exp((-z * z) / 2));
  const sum = density.reduce((total, one) => total + one, 0);
  return points.reduce((total, z, at) => total + (logistic(ability + 0.6 * z) * (density[at] ?? 0)) / sum, 0);
}

function candidates(count: number, seed: number, logitsPerStep?: number): Candidate[] {
  const random = chance(seed);
  return Array.from({ length: count }, () => ({
    ability: 1.1 * normal(random),
    random,
    ...(logitsPerStep === undefined ? {} : { logitsPerStep }),
  }));
}

t.test("leaves every mean of middle difficulty as it is, 0 at 0, and never turns two means round", async (t) => {
  for (const one of [0, 0.001, 0.3, 0.97, 0.99, 1]) t.equal(comparableScore(one, [3, 3, 3]), one);
  t.equal(comparableScore(0, [1, 5]), 0, "no evidence, no score, however hard the question");
  for (const difficulties of [[1], [5], [1, 5], [2, 3, 4, 4]]) {
    const curve = Array.from({ length: 101 }, (_, at) => comparableScore(at / 100, difficulties));
    t.ok(
      curve.every((one, at) => at === 0 || one >= (curve[at - 1] ?? 0)),
      `rises for ${difficulties}`,
    );
  }
  t.ok(comparableScore(0.5, [5]) > comparableScore(0.5, [3]));
  t.ok(comparableScore(1, [1]) < 1, "easy questions alone cannot show the highest level");
});

t.test("gives back the score on middle questions exactly where the model holds", async (t) => {
  for (const ability of [-2, -0.5, 0, 1, 2.5]) {
    const difficulties = [1, 2, 4, 5, 5];
    const seen = mean(difficulties.map((one) => expectedScore(ability, one)));
    t.ok(Math.abs(comparableScore(seen, difficulties) - expectedScore(ability, 3)) < 1e-9);
  }
});

t.test("gives the same candidate the same score on an easy, a middle and a hard route, within 0.02", async (t) => {
  const routes = [1, 3, 5].map((difficulty) =>
    candidates(1500, 7).map((one) => {
      const taken = forced(one, difficulty, false);
      return { bias: totalOf(taken) - worthOf(one.ability), raw: rawOf(taken) - worthOf(one.ability) };
    }),
  );
  const biases = routes.map((route) => mean(route.map(({ bias }) => bias)));
  const raw = routes.map((route) => mean(route.map((one) => one.raw)));
  t.comment(`mean bias by route (easy, middle, hard): ${biases.map((one) => one.toFixed(4)).join(", ")}`);
  t.comment(`without evening out: ${raw.map((one) => one.toFixed(4)).join(", ")}`);
  for (const one of biases) t.ok(Math.abs(one) < 0.02, `${one}`);
  t.ok((raw[0] ?? 0) - (raw[2] ?? 0) > 0.1, "the raw means differ by far more: the method does the work");
});

t.test("gives a followed-up candidate no more than 0.02 over one who was not", async (t) => {
  const asked = candidates(1500, 11).map((one) => totalOf(forced(one, 3, true)));
  const unasked = candidates(1500, 11).map((one) => totalOf(forced(one, 3, false)));
  const gain = mean(asked) - mean(unasked);
  t.comment(`mean gain by a follow-up: ${gain.toFixed(4)}`);
  t.ok(gain > 0 && gain < 0.02, `${gain}`);
});

t.test("ranks candidates who took different routes by their ability", async (t) => {
  const people = candidates(1500, 3);
  const taken = people.map((one) => ({ ability: one.ability, route: adaptive(one) }));
  const kinds = new Set(taken.map(({ route }) => route.asked.join()));
  const rho = spearman(
    taken.map(({ ability }) => ability),
    taken.map(({ route }) => totalOf(route)),
  ).value;
  const rawRho = spearman(
    taken.map(({ ability }) => ability),
    taken.map(({ route }) => rawOf(route)),
  ).value;
  t.comment(`${kinds.size} routes; rank correlation with ability ${rho.toFixed(3)}, of raw means ${rawRho.toFixed(3)}`);
  t.ok(kinds.size > 10);
  t.ok(rho > 0.9, `${rho}`);
  t.ok(rho > rawRho, "better than raw means");
  const bands = [
    { name: "easy", of: (hard: number) => hard < 2.7 },
    { name: "middle", of: (hard: number) => hard >= 2.7 && hard <= 3.3 },
    { name: "hard", of: (hard: number) => hard > 3.3 },
  ];
  for (const { name, of } of bands) {
    const here = taken.filter(({ route }) => of(hardnessOf(route)));
    const bias = mean(here.map(({ ability, route }) => totalOf(route) - worthOf(ability)));
    const raw = mean(here.map(({ ability, route }) => rawOf(route) - worthOf(ability)));
    t.comment(`${name} routes taken: ${here.length}, mean bias ${bias.toFixed(4)} (raw means ${raw.toFixed(4)})`);
    t.ok(Math.abs(bias) < 0.04, `${name}: ${bias}`);
  }
});

t.test("holds within 0.06 where the stated steps are a third too large or too small", async (t) => {
  for (const logitsPerStep of [0.35, 0.65]) {
    const biases = [1, 5].map((difficulty) =>
      mean(
        candidates(1000, 5, logitsPerStep).map((one) => totalOf(forced(one, difficulty, false)) - worthOf(one.ability)),
      ),
    );
    t.comment(`true step ${logitsPerStep}: bias easy, hard ${biases.map((one) => one.toFixed(4)).join(", ")}`);
    for (const one of biases) t.ok(Math.abs(one) < 0.06, `${one}`);
  }
});

t.test("leaves each answer's evidence as it was, and says what the score was made of", async (t) => {
  const [person] = candidates(1, 2);
  if (person === undefined) throw new Error("there is no candidate");
  const { answers } = forced(person, 5, true);
  const session = scoreSession(simulatedRubric, answers, {});
  t.same(session.answers, answers);
  for (const { score, evidence } of session.answers)
    t.ok(Math.abs(evidence.reduce((sum, one) => sum + one.weight, 0) - (score ?? 0)) < 1e-9);
  for (const { score, interval, comparable, answers: named } of session.competencies) {
    t.equal(comparable?.method, "rasch-true-score");
    const items = comparable?.items ?? [];
    t.ok(Math.abs(mean(items.map(({ part, added }) => part + added)) - (comparable?.raw ?? 0)) < 1e-4);
    t.ok((score ?? 0) > (comparable?.raw ?? 0), "hard questions count for more");
    t.ok((score ?? 0) >= interval[0] && (score ?? 0) <= interval[1]);
    t.equal(named.length, items.length + items.filter(({ followUp }) => followUp !== undefined).length);
  }
  t.ok(sessionScore.safeParse(session).success);
  t.equal(canonicalScore(session), canonicalScore(scoreSession(simulatedRubric, answers, {})));
});

t.test("counts a point told again after a follow-up once, and a follow-up that was not heard not at all", async (t) => {
  const [person] = candidates(1, 4);
  if (person === undefined) throw new Error("there is no candidate");
  const { first = [] } = simulatedRubric.route ?? {};
  const answers = first.map((id) => answerTo(id, person));
  const [main] = answers;
  const followUp = { ...answerTo(`${first[0]}-figures`, person), score: figures };
  const piece = {
    competency: "analysis",
    quote: "120 ms",
    start: null,
    end: null,
    rule: "specifics",
    point: "numbers",
  };
  const told = { ...piece, weight: figures };
  const without = { ...main, evidence: main?.evidence.filter(({ point }) => point !== "numbers") } as AnswerScore;
  const scoreWith = (one: AnswerScore, next: AnswerScore) =>
    scoreSession(simulatedRubric, [one, ...answers.slice(1), next], {}).competencies[0]?.comparable?.items[0];
  t.equal(scoreWith(without, { ...followUp, evidence: [told] })?.added, figures / 2);
  t.equal(
    scoreWith({ ...without, evidence: [...without.evidence, told] }, { ...followUp, evidence: [told] })?.added,
    0,
  );
  const unheard = { ...followUp, score: null, insufficient: true, competencies: { analysis: null }, evidence: [] };
  const session = scoreSession(simulatedRubric, [without, ...answers.slice(1), unheard], {});
  t.equal(session.competencies[0]?.comparable?.items[0]?.added, 0);
});
