import { dataType, Graph } from "./onnx.ts";

const sampleRate = 16_000;
const windowSamples = 400;
const hopSamples = 160;
const bins = windowSamples / 2 + 1;

/** Slaney's mel scale: linear below 1 kHz (15 mels), logarithmic above (librosa.mel_to_hz, htk=False). */
const logStep = Math.log(6.4) / 27;
const hertz = (mel: number): number => (mel < 15 ? (200 / 3) * mel : 1000 * Math.exp((mel - 15) * logStep));

/** Triangular filters of equal area, [mels][201], as librosa.filters.mel(sr=16000, n_fft=400) gives them. */
export function melFilters(mels: number): Float32Array<ArrayBuffer> {
  const top = 15 + Math.log(sampleRate / 2 / 1000) / logStep;
  const edges = Array.from({ length: mels + 2 }, (_, at) => hertz((top * at) / (mels + 1)));
  const filters = new Float32Array(mels * bins);
  for (let mel = 0; mel < mels; mel++) {
    const [low = 0, peak = 0, high = 0] = edges.slice(mel, mel + 3);
    for (let bin = 0; bin < bins; bin++) {
      const frequency = (bin * sampleRate) / windowSamples;
      const slope = Math.min((frequency - low) / (peak - low), (high - frequency) / (high - peak));
      filters[mel * bins + bin] = Math.max(0, slope) * (2 / (high - low));
    }
  }
  return filters;
}

/** The discrete Fourier transform under a Hann window as a convolution kernel: 201 cosines, then 201 negative sines. */
function fourierKernel(): Float32Array<ArrayBuffer> {
  const kernel = new Float32Array(2 * bins * windowSamples);
  for (let bin = 0; bin < bins; bin++)
    for (let at = 0; at < windowSamples; at++) {
      const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / windowSamples);
      const angle = (2 * Math.PI * bin * at) / windowSamples;
      kernel[bin * windowSamples + at] = hann * Math.cos(angle);
      kernel[(bins + bin) * windowSamples + at] = -hann * Math.sin(angle);
    }
  return kernel;
}

/**
 * Whisper's front end as a graph: `pcm` [1, n] at 16 kHz → `mel` [1, mels, n / 160], log10 power clamped to 8 below its
 * largest value, then (x + 4) / 4 (openai/whisper, audio.py, log_mel_spectrogram).
 */
export function melGraph(mels: number): Graph {
  const graph = new Graph();
  const pcm = graph.input("pcm", dataType.float, [1, "n"]);
  const half = windowSamples / 2;
  const channel = graph.node("Unsqueeze", [pcm, graph.ints(0)]);
  const padded = graph.node("Pad", [channel, graph.ints(0, 0, half, 0, 0, half)], { attributes: { mode: "reflect" } });
  const kernel = graph.tensor("fourier", { type: dataType.float, dims: [2 * bins, 1, windowSamples] }, fourierKernel());
  const spectrum = graph.node("Conv", [padded, kernel], {
    attributes: { kernel_shape: [windowSamples], strides: [hopSamples] },
  });
  const whole = graph.node("Slice", [spectrum, graph.ints(0), graph.ints(-1), graph.ints(2)]);
  const [real = "", imaginary = ""] = graph.nodes("Split", [whole, graph.ints(bins, bins)], {
    attributes: { axis: 1 },
    outputs: 2,
  });
  const power = graph.node("Add", [graph.node("Mul", [real, real]), graph.node("Mul", [imaginary, imaginary])]);
  const filters = graph.tensor("mel_filters", { type: dataType.float, dims: [mels, bins] }, melFilters(mels));
  const mel = graph.node("Max", [graph.node("MatMul", [filters, power]), graph.scalar(1e-10)]);
  const log = graph.node("Mul", [graph.node("Log", [mel]), graph.scalar(1 / Math.LN10)]);
  const loudest = graph.node("ReduceMax", [log], { attributes: { keepdims: 1 } });
  const clamped = graph.node("Max", [log, graph.node("Sub", [loudest, graph.scalar(8)])]);
  graph.node("Mul", [graph.node("Add", [clamped, graph.scalar(4)]), graph.scalar(0.25)], { output: "mel" });
  graph.output("mel", dataType.float, [1, mels, "T"]);
  return graph;
}
