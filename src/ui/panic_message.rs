//! What a person sees when the page itself panics.

use web_sys::console;

/// Shows a message above the page, and the details in the console.
pub fn install() {
    std::panic::set_hook(Box::new(|panic| {
        console::error_1(&format!("millrace: the page panicked: {panic}").into());
        // Plain elements: Leptos cannot be relied on any more.
        let shown = (|| {
            let document = web_sys::window()?.document()?;
            let message = document.create_element("div").ok()?;
            message.set_attribute("role", "alert").ok()?;
            message.set_attribute("data-part", "page-panic").ok()?;
            message.set_class_name("panic-message");
            message.set_text_content(Some(
                "A mistake of ours stopped this page. Your files are untouched and your query is kept: \
                 reload the page to go on. Details for a report are in the browser's console.",
            ));
            document.body()?.append_child(&message).ok()
        })();
        if shown.is_none() {
            console::error_1(&"millrace: and its message could not be shown".into());
        }
    }));
}
