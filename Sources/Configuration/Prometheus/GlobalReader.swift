import Model

/// Reads `global`.
enum GlobalReader {
    static func read(_ keys: KeyedElement) -> GlobalConfiguration? {
        var global = GlobalConfiguration()
        readTimes(keys, &global)
        if let validation = ScrapeReader.nameValidation(keys) { global.nameValidation = validation }
        global.nameEscaping = ScrapeReader.escaping(keys, global.nameValidation)
        if let labels = keys["external_labels"].flatMap({
            $0.labels(global.nameValidation, keepingEmpty: true)
        }) {
            global.externalLabels = expand(labels, keys)
        }
        global.limits = ScrapeReader.limits(keys, defaults: ScrapeLimits())
        if let protocols = ScrapeReader.protocols(keys) { global.scrapeProtocols = protocols }
        global.histograms.readSwitches(keys)
        ScrapeReader.readIgnored(keys)
        if !(keys.string("query_log_file") ?? "").isEmpty {
            keys.warn(at: "query_log_file", "is not acted on")
        }
        return global
    }

    private static func readTimes(_ keys: KeyedElement, _ global: inout GlobalConfiguration) {
        if let interval = keys.duration("scrape_interval"), interval != .zero {
            global.scrapeInterval = interval
        }
        if let interval = keys.duration("evaluation_interval"), interval != .zero {
            global.evaluationInterval = interval
        }
        keys.duration("rule_query_offset", &global.ruleQueryOffset)
        global.scrapeTimeout = min(global.scrapeTimeout, global.scrapeInterval)
        guard let timeout = keys.duration("scrape_timeout"), timeout != .zero else { return }
        global.scrapeTimeout = timeout
        if timeout > global.scrapeInterval {
            keys.error(
                at: "scrape_timeout", "global scrape timeout greater than scrape interval",
                andFrom: ["scrape_interval"])
        }
    }

    private static func expand(_ labels: Labels, _ keys: KeyedElement) -> Labels {
        let environment = keys.context.environment
        return Labels(
            keepingEmpty: labels.sorted.map { label in
                let value = expand(label.value) { name in
                    if let value = environment[name], !value.isEmpty { return value }
                    keys.warn(
                        at: "external_labels",
                        "\(label.name): the environment variable \(name) is not set or empty")
                    return ""
                }
                return Label(label.name, value)
            })
    }

    /// `$NAME` and `${NAME}` become the variable's value, `$$` a dollar, as Go's `os.Expand` does it.
    private static func expand(_ text: String, _ variable: (String) -> String) -> String {
        var out: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "$"), let next = rest.first else {
                out.append(byte)
                continue
            }
            if next == UInt8(ascii: "{") {
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    rest = rest.dropFirst()
                    continue
                }
                out += value(of: rest[(rest.startIndex + 1)..<end], variable)
                rest = rest[(end + 1)...]
                continue
            }
            let name =
                isSpecialName(next) ? rest.prefix(1) : rest.prefix(while: isNameByte)
            if !name.isEmpty {
                out += value(of: name, variable)
                rest = rest.dropFirst(name.count)
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func value(
        of name: ArraySlice<UInt8>, _ variable: (String) -> String
    ) -> [UInt8] {
        let text = String(decoding: name, as: UTF8.self)
        return text == "$" ? [UInt8(ascii: "$")] : Array(variable(text).utf8)
    }

    /// What a shell has as variables of one character.
    private static func isSpecialName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || "*#$@!?-".utf8.contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
            || (0x61...0x7a).contains(byte) || byte == 0x5f
    }
}
