/** The part of jstat that is used here: it comes without types. */
declare module "jstat" {
  type Distribution<Parameters extends number[]> = { inv(share: number, ...parameters: Parameters): number };
  const library: {
    jStat: {
      centralF: Distribution<[number, number]>;
      normal: Distribution<[number, number]>;
      studentt: Distribution<[number]>;
      gammaln(x: number): number;
      corrcoeff(first: readonly number[], second: readonly number[]): number;
      spearmancoeff(first: readonly number[], second: readonly number[]): number;
    };
  };
  export = library;
}
