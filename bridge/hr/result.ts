import { eventTypes } from "../../contracts/envelope.ts";
import type { Order } from "../../contracts/order.ts";
import type { Scorecard } from "../../contracts/scorecard.ts";
import type { EpochMillis } from "../../contracts/units.ts";
import { timestamp } from "../../runtime/clock.ts";

/** The CloudEvent type of what HR systems get. */
export const resultType = "candor.result.scorecard.v1";

/** One effect at HR: a higher revision is another, the same is done once. */
export const effectKeyOf = ({
  tenantId,
  sessionId,
  revision,
}: Pick<Scorecard, "tenantId" | "sessionId" | "revision">): string => `${tenantId}/${sessionId}/scorecard/${revision}`;

export type ResultFacts = { order: Order; receivedAt: EpochMillis; chainVerified: boolean };

/**
 * A scorecard as a person at HR reads it: references instead of a name, scores with intervals, evidence with quotes and
 * times (seconds in the answer). The sealed media and the journal stay behind. `time` is the centre's stamp.
 */
export function resultEvent(
  card: Scorecard,
  { order, receivedAt, chainVerified }: ResultFacts,
): Record<string, unknown> {
  const { score, tenantId, orderId, sessionId, revision } = card;
  const competencies = (score?.competencies ?? []).map((one) => {
    const known = order.rubric.competencies.find(({ id }) => id === one.competency);
    return { ...one, ...(known === undefined ? {} : { name: known.name }) };
  });
  const answers = (score?.answers ?? []).map((one) => {
    const asked = order.rubric.questions.find(({ id }) => id === one.question);
    return { ...one, ...(asked === undefined ? {} : { text: asked.text }) };
  });
  return {
    specversion: "1.0",
    id: effectKeyOf(card).replaceAll("/", "-"),
    source: `candor/${tenantId}/centre`,
    type: resultType,
    subject: orderId,
    time: timestamp(receivedAt),
    datacontenttype: "application/json",
    data: {
      ...{ tenantId, orderId, sessionId, revision, deviceId: card.deviceId, candidateRef: card.candidateRef },
      external: { candidate: order.candidate.external, role: order.role.external, order: order.external },
      ...{ role: order.role.title, language: card.language, ended: card.ended },
      total: score?.total ?? null,
      interval: score?.interval ?? null,
      coverage: score?.coverage ?? null,
      withheld: score?.withheld ?? null,
      competencies,
      answers,
      ...(card.route === undefined ? {} : { route: card.route }),
      consents: card.consents,
      gaps: card.gaps,
      ...{ clock: card.clock, versions: card.versions, stages: card.stages },
      ...{ receivedAt: timestamp(receivedAt), chainVerified, from: eventTypes.scorecard },
    },
  };
}
