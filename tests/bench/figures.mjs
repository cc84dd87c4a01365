// What was measured of one workload, ready to be put into tables and goals.
import { geometricMean, median } from './compare.mjs';

export class Figures {
  /**
   * @param {{name: string, bytes: number, again?: boolean}[]} queries
   * @param {string[]} engines
   * @param {Record<string, Record<string, object>>} results what each engine gave, by query and engine; with
   *   `error` and perhaps `wrong` when it failed
   */
  constructor(queries, engines, results) {
    Object.assign(this, { queries, engines, results });
  }

  /** What an engine gave, or undefined when it was not run or failed. */
  result(engine, query) {
    const result = this.results[query]?.[engine];
    return result?.error === undefined ? result : undefined;
  }

  /** Median of the runs, in milliseconds, or undefined. */
  millis(engine, query) {
    return middle(this.result(engine, query)?.millis);
  }

  /** Median of the second run of the same query, or over a loaded table, in milliseconds, or undefined. */
  againMillis(engine, query) {
    return middle(this.result(engine, query)?.againMillis);
  }

  /** Median of the query without adding the files. */
  queryMillis(engine, query) {
    return middle(this.result(engine, query)?.queryMillis);
  }

  megabytesPerSecond(engine, query) {
    const { bytes } = this.queries.find(({ name }) => name === query);
    return bytes / 1e3 / this.millis(engine, query);
  }

  /** How many times as long as `base` an engine takes for a query. */
  ratio(engine, base, query) {
    return this.millis(engine, query) / this.millis(base, query);
  }

  /** The geometric mean of the ratios of all queries that both can answer, or undefined. */
  meanRatio(engine, base) {
    const ratios = this.queries.map(({ name }) => this.ratio(engine, base, name)).filter(Number.isFinite);
    return ratios.length === 0 ? undefined : geometricMean(ratios);
  }

  /** Version of the browser, or undefined when none was needed. */
  browser() {
    return Object.values(this.results).flatMap(Object.values).find(({ browser }) => browser !== undefined)?.browser;
  }

  /** Queries at which an engine failed. */
  failures(engine) {
    return this.queries.map(({ name }) => name).filter((name) => this.results[name]?.[engine]?.error !== undefined);
  }
}

function middle(values) {
  return values?.length > 0 ? median(values) : undefined;
}
