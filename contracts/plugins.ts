import { z } from "zod";
import type { Localized } from "./language.ts";

/**
 * Signals that are off unless a policy names them: none has a say in a score. The id of each is the purpose of its
 * own consent too.
 */
export const plugins = ["pitch", "expression", "gesture", "gaze", "liveness"] as const;
export const plugin = z.enum(plugins);
export type Plugin = z.infer<typeof plugin>;

export type BodySignal = { id: string; alsoCalled: readonly string[]; name: Localized; reason: Localized };

const heart: Localized = {
  en: "The pulse tells of health, medication and fear, not of the work. Read from a face by camera it also errs more on darker skin and in weak light.",
  "zh-CN": "心率反映的是健康、用药和紧张，与岗位能力无关；用摄像头从面部推算时，肤色较深或光线较弱的人误差更大。",
};
const breath: Localized = {
  en: "Breathing tells of health and fear, not of the work, and nobody can keep it to oneself.",
  "zh-CN": "呼吸反映的是健康和紧张，与岗位能力无关，而且本人无法选择不透露。",
};
const blood: Localized = {
  en: "Blood pressure and oxygen are data of health: an employer may not ask for them in an interview, and no camera measures them soundly.",
  "zh-CN": "血压、血氧属于健康数据，用人单位不得在面试中收集；摄像头也无法可靠测得。",
};
const skin: Localized = {
  en: "Sweat and the skin's temperature tell of arousal, fever and hormones, not of the work; read as truthfulness they have no ground.",
  "zh-CN": "出汗和皮肤温度反映情绪唤起、发热和激素变化，与岗位能力无关；用来判断是否说真话没有科学依据。",
};
const pupil: Localized = {
  en: "The pupil follows light, medicines and age before it follows any thought.",
  "zh-CN": "瞳孔大小首先受光线、药物和年龄影响，不能说明思考或态度。",
};
const nerves: Localized = {
  en: "Currents of brain and muscles are data of health; nothing of an answer's worth can be read from them.",
  "zh-CN": "脑电和肌电属于健康数据，不能说明回答的好坏。",
};

/** Signals of the body: no policy of any region can have them computed. */
export const bodySignals: readonly BodySignal[] = [
  {
    id: "heartRate",
    alsoCalled: ["heart", "pulse", "rppg", "ppg", "ecg", "ekg", "heartRateVariability", "hrv", "心率", "脉搏", "心电"],
    name: { en: "Heart rate", "zh-CN": "心率" },
    reason: heart,
  },
  {
    id: "respiration",
    alsoCalled: ["respiratoryRate", "breathing", "breathingRate", "呼吸", "呼吸频率"],
    name: { en: "Breathing", "zh-CN": "呼吸" },
    reason: breath,
  },
  {
    id: "bloodPressure",
    alsoCalled: ["bloodOxygen", "spo2", "oxygenSaturation", "血压", "血氧"],
    name: { en: "Blood pressure and oxygen", "zh-CN": "血压与血氧" },
    reason: blood,
  },
  {
    id: "skinConductance",
    alsoCalled: ["gsr", "eda", "galvanicSkinResponse", "electrodermalActivity", "sweat", "皮电", "皮肤电"],
    name: { en: "Skin conductance", "zh-CN": "皮肤电" },
    reason: skin,
  },
  {
    id: "skinTemperature",
    alsoCalled: ["bodyTemperature", "temperature", "thermal", "体温", "皮肤温度"],
    name: { en: "Temperature of skin and body", "zh-CN": "皮肤与身体温度" },
    reason: skin,
  },
  {
    id: "pupilSize",
    alsoCalled: ["pupil", "pupilDilation", "pupillometry", "瞳孔"],
    name: { en: "Size of the pupils", "zh-CN": "瞳孔大小" },
    reason: pupil,
  },
  {
    id: "brainActivity",
    alsoCalled: ["eeg", "brainwaves", "emg", "muscleActivity", "脑电", "肌电"],
    name: { en: "Brain and muscle currents", "zh-CN": "脑电与肌电" },
    reason: nerves,
  },
];

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** The signal of the body that a name means, however it is spelt: `heart_rate`, `HeartRate`, `心率`. */
export function bodySignalNamed(name: string): BodySignal | undefined {
  const wanted = plain(name);
  return bodySignals.find(({ id, alsoCalled }) => [id, ...alsoCalled].some((one) => plain(one) === wanted));
}

export type RegionBan = { region: RegExp; says: string; plugins: readonly Plugin[]; reason: Localized };

/** What a region's law forbids, whatever the customer's policy says. `region` is matched with the policy's. */
export const regionBans: readonly RegionBan[] = [
  {
    region: /^eu(\b|$)/i,
    says: "eu",
    plugins: ["expression"],
    reason: {
      en: "Regulation (EU) 2024/1689, article 5(1)(f), prohibits inferring emotions of people at the workplace, recruitment included.",
      "zh-CN": "欧盟《人工智能法》（2024/1689）第 5 条第 1 款 (f) 项禁止在工作场所（包括招聘）推断个人情绪。",
    },
  },
];

type Asking = {
  region: string;
  plugins: readonly string[];
  consents: readonly { purpose: string; required: boolean }[];
};
type Refusal = { path: (string | number)[]; message: string; fault?: "policy.banned" };

function refusalOf(id: string, at: number, { region, consents }: Asking): Refusal | undefined {
  const path = ["plugins", at];
  const body = bodySignalNamed(id);
  if (body !== undefined)
    return {
      path,
      fault: "policy.banned",
      message: `${body.id} is a signal of the body and is never computed. ${body.reason.en} Leave it out (docs/signals.md)`,
    };
  if (!plugin.safeParse(id).success)
    return { path, message: `there is no plug-in ${JSON.stringify(id)}: use some of ${plugins.join(", ")}, or none` };
  const ban = regionBans.find((one) => one.region.test(region) && one.plugins.some((banned) => banned === id));
  if (ban !== undefined)
    return {
      path,
      fault: "policy.banned",
      message: `${id} is banned in region ${JSON.stringify(region)}. ${ban.reason.en} Leave it out (docs/signals.md)`,
    };
  if (!consents.some(({ purpose }) => purpose === id))
    return {
      path,
      message: `${id} needs a consent of its own: add a text of purpose ${JSON.stringify(id)} to consents`,
    };
  return undefined;
}

/** What is wrong with the plug-ins that a policy names and the consents it asks for them. */
export function pluginRefusals(policy: Asking): Refusal[] {
  const named = policy.plugins.flatMap((id, at) => refusalOf(id, at, policy) ?? []);
  const asked = policy.consents.flatMap(({ purpose, required }, at): Refusal[] => {
    if (!plugin.safeParse(purpose).success) return [];
    if (!policy.plugins.includes(purpose))
      return [
        {
          path: ["consents", at, "purpose"],
          message: `asks to agree to ${purpose}, which the policy's plugins do not name: add it there or leave the text out`,
        },
      ];
    return required
      ? [
          {
            path: ["consents", at, "required"],
            message: `nobody may have to agree to ${purpose}: set it to false, the interview goes on without`,
          },
        ]
      : [];
  });
  return [...named, ...asked];
}
