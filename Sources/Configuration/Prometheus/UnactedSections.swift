import Model

/// What stands at Prometheus's top level and Tocsin does not act on: checked, and named in a
/// warning.
enum UnactedSections {
    static func read(_ keys: KeyedElement, _ global: GlobalConfiguration) {
        for key in ["remote_write", "remote_read", "storage", "tracing", "otlp", "runtime"]
        where keys[key] != nil {
            if keys.has(key) { keys.warn(at: key, "is not acted on") }
        }
    }

    static func alertmanager(_ element: Element, _ global: GlobalConfiguration) -> Void? { nil }
}
