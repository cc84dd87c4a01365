//! Draws lanes into a canvas: where everything lies, and the strokes.

use std::f64::consts::FRAC_PI_2;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{
    cursor::Cursor,
    lanes::{BarKind, Lane, STRENGTHS, runs, tick_micros},
    state::Shown,
    words::micros_text,
};
use crate::charts::Palette;

/// Between the tops of two lanes of threads, and of reads.
const THREAD_PX: f64 = 20.0;
const READ_PX: f64 = 7.0;
/// Between the bars of two lanes.
const GAP_PX: f64 = 2.0;
/// Above the lanes, for the numbers of stages; between threads and reads; below, for the axis.
const TOP_PX: f64 = 14.0;
const BETWEEN_PX: f64 = 6.0;
const AXIS_PX: f64 = 18.0;
/// Between two marks of the axis, at least.
const TICK_PX: f64 = 90.0;
/// With more marks than these, some would have the same text, which has two or three digits.
const MOST_TICKS: f64 = 12.0;
/// Left of the lanes, for their names; less where there is little room.
const NAMES_PX: f64 = 60.0;
const NARROW_NAMES_PX: f64 = 22.0;
const NARROW_PX: f64 = 480.0;

/// How far from a bar one may point at it.
pub const SLACK_PX: f64 = 3.0;

const FONT: &str = "11px \"Inter Variable\", Inter, system-ui, sans-serif";

/// The colour of a kind of bar: those of the charts.
pub fn colour(palette: &'static Palette, kind: BarKind) -> &'static str {
    match kind {
        BarKind::Read => palette.muted,
        // Decoding and operators, of which there is most, are furthest apart.
        work => palette.series[[0, 4, 2, 3, 1, 6][work.index().min(5)]],
    }
}

/// Where everything lies, in CSS pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    width_px: f64,
    left_px: f64,
    elapsed_micros: u64,
    /// Top and height of each lane.
    tops_px: Vec<(f64, f64)>,
}

impl Layout {
    /// For a canvas of this width.
    pub fn new(width_px: i32, lanes: &[Lane], elapsed_micros: u64) -> Self {
        let width_px = f64::from(width_px);
        let left_px = if width_px < NARROW_PX { NARROW_NAMES_PX } else { NAMES_PX };
        let mut top_px = TOP_PX;
        let mut threads_end = true;
        let mut tops_px = Vec::with_capacity(lanes.len());
        for lane in lanes {
            if lane.is_reads && std::mem::take(&mut threads_end) {
                top_px += BETWEEN_PX;
            }
            let height_px = if lane.is_reads { READ_PX } else { THREAD_PX };
            tops_px.push((top_px, height_px));
            top_px += height_px;
        }
        Self { width_px, left_px, elapsed_micros: elapsed_micros.max(1), tops_px }
    }

    /// Height of the canvas.
    pub fn height_px(&self) -> f64 {
        self.bottom_px() + AXIS_PX
    }

    /// The lane and the moment at a place of the canvas.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the canvas")]
    pub fn at(&self, x_px: f64, y_px: f64) -> Option<Cursor> {
        let within = |(top, height): &(f64, f64)| (*top..top + height).contains(&y_px);
        let lane = self.tops_px.iter().position(within)?;
        (x_px >= self.left_px)
            .then(|| Cursor { lane, at_micros: ((x_px - self.left_px) / self.scale()) as u64 })
    }

    /// So many pixels as a time.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few pixels")]
    pub fn micros(&self, px: f64) -> u64 {
        (px / self.scale()) as u64
    }

    #[expect(clippy::cast_precision_loss, reason = "a place on a screen")]
    fn x(&self, micros: u64) -> f64 {
        self.left_px + micros as f64 * self.scale()
    }

    /// Pixels of a microsecond.
    #[expect(clippy::cast_precision_loss, reason = "a place on a screen")]
    fn scale(&self) -> f64 {
        (self.width_px - self.left_px).max(1.0) / self.elapsed_micros as f64
    }

    fn bottom_px(&self) -> f64 {
        self.tops_px.last().map_or(TOP_PX, |(top, height)| top + height)
    }
}

/// Draws everything anew, at the resolution of the screen. Without a context, which a browser gives to any
/// canvas, nothing is drawn.
pub fn draw(
    canvas: &HtmlCanvasElement,
    layout: &Layout,
    shown: &Shown,
    palette: &'static Palette,
    cursor: Option<Cursor>,
) {
    let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(0.5, 4.0);
    let Ok(Some(context)) = canvas.get_context("2d") else { return };
    let context: CanvasRenderingContext2d = context.unchecked_into();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a screen")]
    let device = |px: f64| (px * ratio).round().max(1.0) as u32;
    // Giving a canvas its size empties it, too.
    canvas.set_width(device(layout.width_px));
    canvas.set_height(device(layout.height_px()));
    // What cannot be drawn of text or transformations is left out: the table above has it all.
    let _ = context.scale(ratio, ratio);
    context.set_font(FONT);
    let _ = frame(&context, layout, shown, palette);
    bars(&context, layout, shown, palette, ratio);
    if let Some(cursor) = cursor {
        mark(&context, layout, shown, palette, cursor);
    }
}

/// Names of lanes, where stages begin, and the axis.
fn frame(
    context: &CanvasRenderingContext2d,
    layout: &Layout,
    shown: &Shown,
    palette: &Palette,
) -> Result<(), JsValue> {
    let (bottom, right) = (layout.bottom_px(), layout.width_px);
    context.set_fill_style_str(palette.grid);
    for ((top, height), lane) in layout.tops_px.iter().zip(&shown.lanes) {
        context.set_global_alpha(if lane.is_reads { 0.35 } else { 0.5 });
        context.fill_rect(layout.left_px, *top, right - layout.left_px, height - GAP_PX);
    }
    context.set_global_alpha(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of marks")]
    let most = ((right - layout.left_px) / TICK_PX).clamp(1.0, MOST_TICKS) as u64;
    let tick = tick_micros(layout.elapsed_micros, most);
    context.set_text_baseline("top");
    context.set_text_align("left");
    let mut at_micros = 0;
    while at_micros <= layout.elapsed_micros {
        let x = layout.x(at_micros);
        context.set_fill_style_str(palette.grid);
        context.fill_rect(x, TOP_PX, 1.0, bottom - TOP_PX + 4.0);
        if x + TICK_PX / 2.0 < right {
            context.set_fill_style_str(palette.muted);
            let text = if at_micros == 0 { "0".to_owned() } else { micros_text(at_micros) };
            context.fill_text(&text, x, bottom + 6.0)?;
        }
        at_micros += tick;
    }
    let mut free_from = layout.left_px;
    context.set_fill_style_str(palette.muted);
    for (index, stage) in shown.timeline.stages.iter().enumerate() {
        let Some(start) = stage.first_start_micros else { continue };
        let x = layout.x(start);
        context.fill_rect(x, TOP_PX - 10.0, 1.0, bottom - TOP_PX + 10.0);
        // Stages that begin close together share the name of the first.
        if x >= free_from && x + 50.0 < right {
            context.fill_text(&tf!("stage {index}", index = index), x + 3.0, 0.0)?;
            free_from = x + 54.0;
        }
    }
    names(context, layout, shown, palette)
}

fn names(
    context: &CanvasRenderingContext2d,
    layout: &Layout,
    shown: &Shown,
    palette: &Palette,
) -> Result<(), JsValue> {
    let is_narrow = layout.left_px < NAMES_PX;
    context.set_fill_style_str(palette.text);
    context.set_text_baseline("middle");
    for ((top, height), lane) in layout.tops_px.iter().zip(&shown.lanes) {
        let name = match (lane.is_reads, is_narrow) {
            (false, false) => tf!("thread {a}", a = lane.number),
            (false, true) => lane.number.to_string(),
            (true, _) if lane.number > 1 => continue,
            (true, false) => t!("reads").to_owned(),
            // On its side, where there is room for it.
            (true, true) => {
                let lanes = shown.lanes.iter().filter(|lane| lane.is_reads).count();
                if lanes >= 5 {
                    context.save();
                    context.translate(8.0, *top)?;
                    context.rotate(FRAC_PI_2)?;
                    context.fill_text("reads", 0.0, 0.0)?;
                    context.restore();
                }
                continue;
            }
        };
        let middle = top + if lane.is_reads { 6.0 } else { (height - GAP_PX) / 2.0 };
        context.fill_text(&name, 0.0, middle)?;
    }
    Ok(())
}

/// The bars, binned to pixels of the screen, so that no timeline has more than the screen can show.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels of a screen"
)]
fn bars(
    context: &CanvasRenderingContext2d,
    layout: &Layout,
    shown: &Shown,
    palette: &'static Palette,
    ratio: f64,
) {
    let columns = ((layout.width_px - layout.left_px).max(0.0) * ratio) as usize;
    for ((top, height), lane) in layout.tops_px.iter().zip(&shown.lanes) {
        for run in runs(&lane.bars, layout.elapsed_micros, columns) {
            context.set_fill_style_str(colour(palette, run.kind));
            context.set_global_alpha(f64::from(run.strength) / f64::from(STRENGTHS));
            let (x, width) = (run.from as f64 / ratio, (run.to - run.from) as f64 / ratio);
            context.fill_rect(layout.left_px + x, *top, width, height - GAP_PX);
        }
    }
    context.set_global_alpha(1.0);
}

/// A frame around the bar that is told about.
fn mark(
    context: &CanvasRenderingContext2d,
    layout: &Layout,
    shown: &Shown,
    palette: &Palette,
    cursor: Cursor,
) {
    let Some(&(top, height)) = layout.tops_px.get(cursor.lane) else { return };
    let Some(bar) = cursor.bar(&shown.lanes, layout.micros(SLACK_PX)) else { return };
    let (from, to) = (layout.x(bar.start_micros), layout.x(bar.end_micros));
    context.set_stroke_style_str(palette.text);
    context.set_line_width(1.5);
    context.stroke_rect(from - 1.0, top - 1.0, (to - from).max(1.0) + 2.0, height - GAP_PX + 2.0);
}
