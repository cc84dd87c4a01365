//! Asks again whenever the question changes, one question at a time.

use std::future::Future;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The answer to the newest question that could be answered so far.
///
/// While an answer is awaited, newer questions replace each other, and only the last of them is asked
/// next: a slow answer is never overtaken by a queue. An answer stays until there is a newer one.
pub fn latest<Question, Answer, Asking>(
    question: Memo<Option<Question>>,
    ask: impl Fn(Question) -> Asking + Clone + 'static,
) -> ReadSignal<Option<(Question, Answer)>>
where
    Question: Clone + PartialEq + Send + Sync + 'static,
    Answer: Send + Sync + 'static,
    Asking: Future<Output = Answer>,
{
    let (answered, set_answered) = signal(None);
    let asking = StoredValue::new(false);
    Effect::new(move || {
        if question.get().is_none() || asking.get_value() {
            return;
        }
        asking.set_value(true);
        let ask = ask.clone();
        spawn_local(async move {
            let mut asked = None;
            // The page may have gone on without this panel, so nothing here insists on its signals.
            while let Some(Some(next)) = question.try_get_untracked() {
                if asked.as_ref() == Some(&next) {
                    break;
                }
                let answer = ask(next.clone()).await;
                asked = Some(next.clone());
                if set_answered.try_set(Some((next, answer))).is_some() {
                    break;
                }
            }
            let _ = asking.try_set_value(false);
        });
    });
    answered
}
