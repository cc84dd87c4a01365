//! What a stream cannot do, told with what to do instead.

use millrace_protocol::{ErrorInfo, ErrorKind};

use super::scope::Obstacle;
use crate::Error;

/// Why a query cannot run over streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It reads none.
    NoStream,
    /// It reads a table of files otherwise than by looking up rows for those of a stream.
    Table,
    /// Streams are joined, but not window by window.
    Join,
    /// Sessions of streams are joined.
    JoinOfSessions,
    /// Rows of windows come together.
    Across(Obstacle),
    /// Rows are passed on, and all are wanted.
    CompleteRows,
    /// Groups without a window, and final rows are wanted.
    AppendOfGroups,
    /// Changed rows of a result in which a change has many effects.
    UpdateAcrossGroups,
    /// Sessions whose earlier rows would have to be taken back.
    UpdateOfSessions,
    /// ORDER BY without a window.
    OrderOfRows,
    /// All rows would have to be kept.
    KeepsRows,
    /// A window over another time.
    OtherTime {
        /// Name of the stream.
        stream: String,
        /// Its event time.
        column: String,
    },
    /// Sessions whose gap each row says.
    GapOfRows,
    /// Windows of a number of rows.
    WindowOfRows,
}

const RANK: &str = "Rank the rows of each window, as in ROW_NUMBER() OVER (PARTITION BY window_start, window_end \
                    ORDER BY …), or use the mode complete.";

/// The refusal as an error.
pub(super) fn refuse(refusal: Refusal) -> Error {
    let (message, hint) = told(refusal);
    Error::Sql(Box::new(ErrorInfo::new(ErrorKind::Unsupported, message).with_hint(hint)))
}

fn told(refusal: Refusal) -> (String, String) {
    let (message, hint) = match refusal {
        Refusal::NoStream => ("A query over streams reads at least one stream.", "Name a stream in FROM."),
        Refusal::Table => (
            "A table of files stays as it is while rows of a stream come, so its rows can only be looked up for them.",
            "Write stream JOIN table ON stream.key = table.key, LEFT JOIN to keep rows that find none, or \
             WHERE key IN (SELECT key FROM table). Prepare the table by a query of its own, and save its result as a \
             file.",
        ),
        Refusal::Join => (
            "Streams can be joined window by window only.",
            "Put both into the same windows, and join on window_start, window_end and further columns.",
        ),
        Refusal::JoinOfSessions => (
            "Sessions of streams cannot be joined.",
            "Use TUMBLE, HOP or CUMULATE on both sides, or join before the sessions.",
        ),
        Refusal::Across(obstacle) => return across(&obstacle),
        Refusal::CompleteRows => (
            "The complete result of this query would be all rows of the stream.",
            "Use the mode append, or group the rows.",
        ),
        Refusal::AppendOfGroups => (
            "A group without a window never closes, so that none of its rows is ever final.",
            "Group by window_start and window_end of TUMBLE, HOP, CUMULATE or SESSION, or use the mode update or \
             complete.",
        ),
        Refusal::UpdateAcrossGroups => (
            "Without a window, the rows of this result that a new row changes cannot be told.",
            "Use the mode complete, or group once, without LIMIT, DISTINCT in aggregates and joins.",
        ),
        Refusal::UpdateOfSessions => (
            "A session that grows is another row, and the mode update cannot take the earlier one back.",
            "Use the mode append, which gives a session when it has ended, or complete.",
        ),
        Refusal::OrderOfRows => (
            "ORDER BY without a window would wait for all rows of the stream.",
            "Order the rows of windows: SELECT … FROM TUMBLE(TABLE …) … ORDER BY window_start, or leave it out.",
        ),
        Refusal::KeepsRows => (
            "This query would keep all rows of the stream.",
            "Put the rows into windows, and group or partition by window_start and window_end.",
        ),
        Refusal::OtherTime { stream, column } => {
            return (
                format!("The window is over something else than `{column}`, the event time of {stream}."),
                format!("Write DESCRIPTOR({column}), or choose another event time for the stream."),
            );
        }
        Refusal::GapOfRows => (
            "The gap of these sessions changes from row to row, which a stream cannot follow.",
            "Write a constant gap, as in INTERVAL '5' MINUTES.",
        ),
        Refusal::WindowOfRows => (
            "COUNT_WINDOW numbers rows in the order of their times, and a row of a stream may still come before \
             others.",
            "Use a window of time: TUMBLE, HOP, CUMULATE or SESSION.",
        ),
    };
    (message.to_owned(), hint.to_owned())
}

fn across(obstacle: &Obstacle) -> (String, String) {
    let (message, hint) = match obstacle {
        Obstacle::Mixed => (
            "Rows of several windows come together, and some window is always still open.",
            "Group, partition and join by window_start or window_end too, or use the mode complete.",
        ),
        Obstacle::Cascade => (
            "Windows over the rows of other windows close only in the mode complete.",
            "Use the mode complete, or one window that is as long as the outer one.",
        ),
        Obstacle::SessionOfRows => (
            "These sessions need all their rows in one place, which are not kept.",
            "Group by window_start, window_end and all columns of PARTITION BY, with aggregates that do not \
             depend on the order of rows.",
        ),
        Obstacle::Limit => ("LIMIT counts rows of all windows, and further windows always come.", RANK),
        Obstacle::Operator(name) => {
            return (
                format!("A stream cannot run this query window by window: it needs {name}."),
                "Use the mode complete, or write it as a grouping by window_start and window_end.".to_owned(),
            );
        }
    };
    (message.to_owned(), hint.to_owned())
}
