import Model

/// Reads target groups and the files they may come from.
enum TargetReader {
    /// Patterns of `file_sd_configs`: a glob only in the last part, and a known ending.
    private static let pattern = try? LinearRegex(
        "^[^*]*(\\*[^/]*)?\\.(json|yml|yaml|JSON|YML|YAML)$")

    static func groups(
        _ keys: KeyedElement, _ key: String, _ validation: NameValidation
    ) -> [TargetGroup] {
        keys.list(key) { element in
            if element.isNull {
                element.error("empty or null section in \(key)")
                return nil
            }
            return group(element, validation)
        }
    }

    static func group(_ element: Element, _ validation: NameValidation) -> TargetGroup? {
        element.object { keys in
            TargetGroup(
                targets: keys.strings("targets"),
                labels: keys["labels"].flatMap { $0.labels(validation) } ?? .empty)
        }
    }

    /// People put URLs where addresses belong. Where there is relabelling, it may make addresses of them.
    static func checkAddresses(_ keys: KeyedElement, _ groups: [TargetGroup]) {
        for target in groups.flatMap(\.targets) where target.contains("/") {
            keys.error(at: "static_configs", "\(target.goQuoted) is not a valid hostname")
        }
    }

    static func fileDiscoveries(_ keys: KeyedElement, _ key: String) -> [FileDiscovery] {
        keys.list(key) { element in
            if element.isNull {
                element.error("empty or null section in \(key)")
                return nil
            }
            return element.object(fileDiscovery)
        }
    }

    private static func fileDiscovery(_ keys: KeyedElement) -> FileDiscovery? {
        var discovery = FileDiscovery(files: [])
        discovery.files = keys.list("files") { element in
            guard let file = element.file() else { return nil }
            if !(pattern?.matchesWhole(file) ?? true) {
                element.error("path name \(file.goQuoted) is not valid for file discovery")
            } else if !GlobPattern.isValid(file) {
                // Prometheus starts, and says so whenever it looks for files.
                element.warn(element.brokenPattern(file) + "; no target is found")
            }
            return file
        }
        if discovery.files.isEmpty {
            keys.error("file service discovery config must contain at least one path name")
        }
        keys.duration("refresh_interval", &discovery.refreshInterval)
        return discovery
    }

    static func textfiles(_ element: Element, _ validation: NameValidation) -> TextfileSource? {
        element.object { keys in
            var source = TextfileSource(files: keys.list("files") { $0.filePattern()?.value })
            if source.files.isEmpty {
                keys.error("textfile config must contain at least one path name")
            }
            source.labels = keys["labels"].flatMap { $0.labels(validation) } ?? .empty
            keys.duration("max_age", &source.maximumAge)
            if source.maximumAge <= .zero {
                keys.error(at: "max_age", "expected a duration greater than 0")
            }
            return source
        }
    }
}
