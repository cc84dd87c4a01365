// Gets a number of rows, makes a CSV file of so many events, and posts it: {share} while it works, then {file}
// or {error}. The seed is fixed, so that everybody sees the same numbers.

const SEED = 20_240_601;
const DAYS = 14;
const START_MILLIS = Date.UTC(2024, 5, 3);
const DAY_MILLIS = 86_400_000;
// Events come almost in order: at most this late.
const LATEST_MILLIS = 30_000;
const CHUNK_BYTES = 4 << 20;
const LONGEST_ROW_BYTES = 256;
const REPORT_EVERY_ROWS = 60_000;

const REGIONS = ["north", "south", "east", "west", "central"];
// When the day of each region peaks, as a share of a UTC day, and how much of the trade is theirs.
const REGION_PEAKS = [0.55, 0.8, 0.3, 0.95, 0.62];
const REGION_WEIGHTS = [1.0, 0.7, 1.3, 0.8, 0.45];
const THINGS = ["lamp", "chair", "kettle", "notebook", "backpack", "bottle", "speaker", "blanket", "clock", "plant"];
const OPINIONS = ["arrived early", "as described", "good value", "would buy again", "packaging damaged", "a gift", "too small", "works well"];

const weights = REGIONS.map(() => 0);
let totalWeight = 0;
let weightsOf = -1;
const random = generator(SEED);
const encoder = new TextEncoder();
const categories = Array.from({ length: 100 }, (_, index) => encoder.encode(`${THINGS[index % 10]}-${String(index).padStart(2, "0")}`));
const regions = REGIONS.map((region) => encoder.encode(region));
const comments = commentTexts().map((text) => encoder.encode(text));
const ZONE = encoder.encode("Z,");
const [COMMA, NEWLINE, POINT, ZERO] = [",", "\n", ".", "0"].map((character) => character.charCodeAt(0));

self.onmessage = ({ data: rows }) => {
  try {
    self.postMessage({ file: make(rows) });
  } catch (error) {
    self.postMessage({ error: String(error?.message ?? error) });
  }
};

function make(rows) {
  const parts = [];
  const chunk = new Uint8Array(CHUNK_BYTES);
  let length = 0;
  const put = (bytes) => {
    chunk.set(bytes, length);
    length += bytes.length;
  };
  const putNumber = (value, digits) => {
    for (let place = length + digits - 1; place >= length; place--) {
      chunk[place] = ZERO + (value % 10);
      value = Math.floor(value / 10);
    }
    length += digits;
  };
  put(encoder.encode("ts,user_id,category,region,price,quantity,comment\n"));
  // Late events come back to seconds that were just written.
  const secondTexts = new Array(64).fill(null);
  const secondsOf = new Array(64).fill(-1);
  for (let row = 0; row < rows; row++) {
    if (length + LONGEST_ROW_BYTES > CHUNK_BYTES) {
      parts.push(new Blob([chunk.subarray(0, length)]));
      length = 0;
    }
    if (row % REPORT_EVERY_ROWS === 0) self.postMessage({ share: row / rows });
    const time = START_MILLIS + LATEST_MILLIS + timeOf(row / rows) - random() * LATEST_MILLIS;
    const seconds = Math.floor(time / 1000);
    const slot = seconds & 63;
    if (seconds !== secondsOf[slot]) {
      secondsOf[slot] = seconds;
      secondTexts[slot] = encoder.encode(new Date(seconds * 1000).toISOString().slice(0, 20));
    }
    const region = regionAt(time);
    // A square makes small numbers frequent: skewed categories and a few busy users.
    const skew = random();
    const category = Math.floor(100 * skew * skew * skew);
    const user = random();
    const price = Math.min(Math.exp(2.6 + 0.008 * category + 0.75 * normal()), 9_999);
    put(secondTexts[slot]);
    putNumber(Math.floor(time - seconds * 1000), 3);
    put(ZONE);
    putNumber(100_000 + Math.floor(500_000 * user * user), 6);
    chunk[length++] = COMMA;
    put(categories[category]);
    chunk[length++] = COMMA;
    put(regions[region]);
    chunk[length++] = COMMA;
    const cents = Math.round(price * 100);
    putNumber(Math.floor(cents / 100), cents < 1_000 ? 1 : cents < 10_000 ? 2 : cents < 100_000 ? 3 : 4);
    chunk[length++] = POINT;
    putNumber(cents % 100, 2);
    chunk[length++] = COMMA;
    putNumber(1 + Math.floor(9 * random() * random()), 1);
    chunk[length++] = COMMA;
    put(comments[Math.floor(random() * comments.length)]);
    chunk[length++] = NEWLINE;
  }
  parts.push(new Blob([chunk.subarray(0, length)]));
  return new File(parts, "sample_events.csv", { type: "text/csv", lastModified: START_MILLIS });
}

// Milliseconds from the start to the event after this share of all: denser around noon of each day.
function timeOf(shareOfRows) {
  const days = shareOfRows * DAYS;
  const share = days - Math.floor(days);
  const warped = days + 0.05 * Math.sin(2 * Math.PI * share);
  return (warped / DAYS) * (DAYS * DAY_MILLIS - LATEST_MILLIS);
}

// Each region trades most around its own peak of the day, and some less on the last two days of a week.
function regionAt(time) {
  const minute = Math.floor((time - START_MILLIS) / 60_000);
  if (minute !== weightsOf) {
    weightsOf = minute;
    const day = (minute * 60_000) / DAY_MILLIS;
    const weekend = Math.floor(day) % 7 >= 5;
    totalWeight = 0;
    for (let index = 0; index < REGIONS.length; index++) {
      const calm = weekend && index % 2 === 0 ? 0.55 : 1;
      const wave = 1 + 0.6 * Math.cos(2 * Math.PI * (day - REGION_PEAKS[index]));
      weights[index] = REGION_WEIGHTS[index] * calm * wave;
      totalWeight += weights[index];
    }
  }
  let choice = random() * totalWeight;
  for (let index = 0; index < weights.length; index++) {
    choice -= weights[index];
    if (choice < 0) return index;
  }
  return 0;
}

// A fifth of the comments are quoted, with commas or doubled quotes inside.
function commentTexts() {
  const texts = [];
  for (let index = 0; index < 200; index++) {
    const opinion = OPINIONS[index % OPINIONS.length];
    const thing = THINGS[Math.floor(index / OPINIONS.length) % THINGS.length];
    if (index % 10 === 0) texts.push(`"${opinion}, the ${thing}, thanks"`);
    else if (index % 10 === 5) texts.push(`"the ""${thing}"" ${opinion}"`);
    else texts.push(`${thing} ${opinion}`);
  }
  return texts;
}

// Normally distributed, by the method of Box and Muller (1958).
function normal() {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

// Mulberry32 by Tommy Ettinger: 32 bits of state, good enough for a sample.
function generator(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
