//! Time zones, as the browser knows them.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl, js_name = DateTimeFormat)]
    type DateTimeFormat;

    #[wasm_bindgen(constructor, catch, js_namespace = Intl, js_class = "DateTimeFormat")]
    fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;

    #[wasm_bindgen(js_namespace = Intl, js_name = supportedValuesOf, catch)]
    fn supported_values_of(key: &str) -> Result<Array, JsValue>;
}

/// Names of the zones that the browser knows, for people to choose from.
pub fn zone_names() -> Vec<String> {
    let names = supported_values_of("timeZone");
    names.map(|names| names.iter().filter_map(|name| name.as_string()).collect()).unwrap_or_default()
}

/// Whether there is a zone of this name: one of the IANA's, in any case, or a fixed offset as `+05:30`.
pub(super) fn is_zone(name: &str) -> bool {
    if let Some(offset) = name.strip_prefix(['+', '-']) {
        let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        return offset.split_once(':').is_some_and(|(hours, minutes)| {
            digits(hours) && digits(minutes) && hours < "24" && minutes < "60"
        });
    }
    let options = Object::new();
    Reflect::set(&options, &"timeZone".into(), &name.into()).is_ok()
        && DateTimeFormat::new("en", &options).is_ok()
}
