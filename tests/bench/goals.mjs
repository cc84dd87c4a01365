// What Millrace is to reach. A goal that could not be measured has a `measured` that is no number.
import { ENGINES } from './engines.mjs';

const FIRST_SNAPSHOT_MILLIS = 300;
const SNAPSHOTS_PER_SECOND = 10;

export function atMost(goal, limit, measured) {
  return { goal, limit, better: 'below', measured };
}

export function atLeast(goal, limit, measured) {
  return { goal, limit, better: 'above', measured };
}

/** Whether a goal was met, or undefined when it was not measured. */
export function met({ limit, better, measured }) {
  if (!Number.isFinite(measured)) return undefined;
  return better === 'below' ? measured <= limit : measured >= limit;
}

const nameOf = (engine) => ENGINES[engine].title;

export function notSlower(figures, query, engine, limit) {
  return atMost(`${query}: time of Millrace : ${nameOf(engine)}`, limit, figures.ratio('millrace', engine, query));
}

export function faster(figures, query, engine, limit) {
  return atLeast(`${query}: time of ${nameOf(engine)} : Millrace`, limit, figures.ratio(engine, 'millrace', query));
}

export function meanNotSlower(figures, engine, limit) {
  return atMost(`mean time of Millrace : ${nameOf(engine)}`, limit, mean(figures, 'millrace', engine));
}

export function meanFaster(figures, engine, limit) {
  return atLeast(`mean time of ${nameOf(engine)} : Millrace`, limit, mean(figures, engine, 'millrace'));
}

/** A mean over fewer queries than were asked for says nothing of those at which Millrace failed. */
function mean(figures, engine, base) {
  return figures.failures('millrace').length > 0 ? undefined : figures.meanRatio(engine, base);
}

/** For each query that was run twice: the second run is a small part of the first. */
export function secondRunGoals(figures, limit) {
  const share = (name) => figures.againMillis('millrace', name) / figures.queryMillis('millrace', name);
  return figures.queries
    .filter(({ again }) => again)
    .map(({ name }) => atMost(`${name}: second run : first`, limit, share(name)));
}

/** The second run, which reads nothing, beside an engine that loaded the file into a table before. */
export function loadedGoals(figures, engine) {
  const ratio = (name) => figures.againMillis('millrace', name) / figures.againMillis(engine, name);
  return figures.queries
    .filter(({ again }) => again)
    .map(({ name }) => atMost(`${name}: second run : ${nameOf(engine)} on a loaded table`, 1, ratio(name)));
}

export function snapshotGoals(figures) {
  return figures.queries.flatMap(({ name }) => {
    const { firstMillis, perSecond } = snapshotPace(figures.result('millrace', name));
    return [
      atMost(`${name}: first snapshot, ms`, FIRST_SNAPSHOT_MILLIS, firstMillis),
      atLeast(`${name}: snapshots a second`, SNAPSHOTS_PER_SECOND, perSecond),
    ];
  });
}

/** When something was first seen, which is the result itself when no snapshot came; and snapshots in a second. */
export function snapshotPace(result) {
  const { millis = [], queryMillis } = result?.snapshots ?? {};
  return { firstMillis: millis[0] ?? queryMillis, perSecond: (millis.length * 1e3) / queryMillis };
}
