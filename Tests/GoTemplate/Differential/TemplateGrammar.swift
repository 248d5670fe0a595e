import TestSupport

/// Writes random templates: mostly whole ones that mean something, some with a mistake in them.
struct TemplateGrammar {
    var random: SeededRandom
    private var variables: [String] = []
    private var defined: [String] = []
    private var depth = 0
    private var rangeDepth = 0

    init(_ random: SeededRandom) { self.random = random }

    /// A template.
    mutating func template() -> String {
        (variables, defined, depth, rangeDepth) = ([], [], 0, 0)
        var text = ""
        for _ in 0...random.below(3) { text += statement() }
        return random.chance(10) ? damaged(text) : text
    }

    // MARK: Statements

    private mutating func body() -> String {
        let mark = variables.count
        depth += 1
        var text = ""
        for _ in 0...random.below(2) { text += statement() }
        depth -= 1
        variables.removeLast(variables.count - mark)
        return text
    }

    private mutating func statement() -> String {
        switch random.below(depth > 2 ? 55 : 100) {
        case 0..<10: return random.pick(TemplateGrammar.texts)
        case 10..<44: return action(pipeline())
        case 44..<50:
            let value = pipeline()
            let name = newVariable()
            return action(name + random.pick([" := ", ":=", " :="]) + value)
        case 50..<53: return action(variable() + " = " + pipeline())
        case 53..<55: return random.pick(TemplateGrammar.comments)
        case 55..<67: return conditional("if")
        case 67..<76: return conditional("with")
        case 76..<90: return loop()
        case 90..<94: return definition()
        case 94..<97: return call()
        case 97..<99: return block()
        default:
            if random.chance(70) { return action(pipeline()) }
            return action(random.pick(["break", "continue", "end", "else", "define", "if"]))
        }
    }

    private mutating func action(_ inside: String) -> String {
        let left = random.pick(["{{", "{{ ", "{{ ", "{{ ", "{{- ", "{{-\n"])
        let right =
            random.chance(1)
            ? "-}}" : random.pick(["}}", " }}", " }}", " }}", " -}}", "\n-}}"])
        return left + inside + right
    }

    private mutating func conditional(_ word: String) -> String {
        let mark = variables.count
        defer { variables.removeLast(variables.count - mark) }
        var text = action("\(word) \(declaring())") + body()
        while random.chance(word == "if" ? 15 : 2) {
            text += action("else \(word) \(declaring())") + body()
        }
        if random.chance(40) { text += action("else") + body() }
        return text + action("end")
    }

    private mutating func declaring() -> String {
        let value = pipeline()
        return random.chance(15) ? "\(newVariable()) := \(value)" : value
    }

    private mutating func loop() -> String {
        let mark = variables.count
        defer { variables.removeLast(variables.count - mark) }
        let value =
            random.chance(75)
            ? random.pick([".l", ".ss", ".m", ".sm", ".nest.deep", ".es", ".n", "$.ss", "$.l"])
            : pipeline()
        var head = value
        switch random.below(10) {
        case 0..<3: head = "\(newVariable()) := \(value)"
        case 3..<6: head = "\(newVariable()), \(newVariable()) := \(value)"
        case 6: head = "\(variable()) = \(value)"
        case 7: head = "\(variable()), \(variable()) = \(value)"
        default: break
        }
        rangeDepth += 1
        var text = action("range " + head) + body()
        if random.chance(25) {
            text += action("if " + pipeline()) + action(random.pick(["break", "continue"]))
            text += action("end") + random.pick(TemplateGrammar.texts)
        }
        rangeDepth -= 1
        if random.chance(30) { text += action("else") + body() }
        return text + action("end")
    }

    private mutating func definition() -> String {
        // Inside of other statements a definition is a mistake.
        if depth > 0, random.chance(90) { return action(pipeline()) }
        let name = random.pick(["\"a\"", "\"b\"", "`c`", "\"d e\""])
        let saved = variables
        variables = []
        let text = action("define " + name) + body() + action("end")
        variables = saved
        // Known from here on, so that none calls itself.
        if !defined.contains(name) { defined.append(name) }
        return text
    }

    private mutating func call() -> String {
        let name = defined.isEmpty || random.chance(8) ? "\"none\"" : random.pick(defined)
        return action("template \(name)" + (random.chance(70) ? " " + pipeline() : ""))
    }

    private mutating func block() -> String {
        let value = pipeline()
        let saved = variables
        variables = []
        defer { variables = saved }
        return action("block \"bl\(random.below(3))\" \(value)") + body() + action("end")
    }

    // MARK: Variables

    private mutating func newVariable() -> String {
        let name = random.pick(["$x", "$y", "$z", "$é", "$x1"])
        variables.append(name)
        return name
    }

    private mutating func variable() -> String {
        if variables.isEmpty || random.chance(20) {
            return random.chance(2) ? "$undefined" : "$"
        }
        return random.pick(variables)
    }

    // MARK: Pipelines

    private mutating func pipeline() -> String {
        var text = command()
        while random.chance(22) {
            text += random.pick([" | ", "|", " |", "| "])
            text += random.chance(97) ? functionCall(piped: true) : command()
        }
        return text
    }

    private mutating func command() -> String {
        switch random.below(100) {
        case 0..<38: return operand()
        case 38..<44: return methodCall()
        case 44..<46: return operand() + " " + operand()
        default: return functionCall(piped: false)
        }
    }

    private mutating func operand() -> String {
        switch random.below(100) {
        case 0..<30: return field()
        case 30..<45: return constant()
        case 45..<57: return variable()
        case 57..<63: return variable() + "." + random.pick(TemplateGrammar.names)
        case 63..<68: return "."
        case 68..<70: return "nil"
        case 70..<72: return random.pick(["true", "false"])
        default:
            if depth > 4 { return field() }
            depth += 1
            defer { depth -= 1 }
            let inner = "(" + pipeline() + ")"
            return random.chance(12) ? inner + "." + random.pick(TemplateGrammar.names) : inner
        }
    }

    private mutating func field() -> String {
        if random.chance(70) { return random.pick(TemplateGrammar.fields) }
        var text = random.chance(50) ? "$" : ""
        for _ in 0...random.below(2) { text += "." + random.pick(TemplateGrammar.names) }
        return text
    }

    private mutating func methodCall() -> String {
        let host = random.pick([".host", "$.host", "$.host", ".hosts.one"])
        switch random.below(8) {
        case 0: return "\(host).Hello \(random.chance(80) ? text() : operand())"
        case 1: return "\(host).Scale \(number()) \(number())"
        case 2: return "\(host).Both true \(operand())"
        case 3: return "\(host).All \(text()) \(operand())"
        case 4: return "\(host).All"
        case 5: return "\(host).Any \(operand()) \(operand()) \(operand())"
        case 6: return "\(host).Fail \(text())"
        default: return "\(host).\(random.pick(["Name", "Port", "Tags", "Meta", "None"]))"
        }
    }

    private mutating func functionCall(piped: Bool) -> String {
        let least = piped ? 0 : 1
        switch random.below(100) {
        case 0..<26:
            var text = "printf " + (random.chance(95) ? format() : operand())
            for _ in 0..<random.below(4) { text += " " + operand() }
            return text
        case 26..<34: return arguments(random.pick(["print", "println"]), 0, 3)
        case 34..<50:
            let name = random.pick(["eq", "ne", "lt", "le", "gt", "ge"])
            if random.chance(70) {
                let kind = random.below(3)
                var text = name
                for _ in 0..<(piped ? 1 : 2) + (name == "eq" ? random.below(2) : 0) {
                    text += " " + (kind == 0 ? number() : kind == 1 ? self.text() : operand())
                }
                return text
            }
            return arguments(name, 1, 2)
        case 50..<60: return arguments(random.pick(["and", "or"]), least, 3)
        case 60..<64: return arguments("not", least, 1)
        case 64..<70:
            return piped ? "len" : "len " + operand()
        case 70..<79:
            var text = "index " + (random.chance(70) ? container() : operand())
            for _ in 0..<random.below(3) { text += " " + key() }
            return text
        case 79..<87:
            var text = "slice " + (random.chance(70) ? sliceable() : operand())
            for _ in 0..<random.below(4) { text += " " + key() }
            return text
        case 87..<96: return arguments(random.pick(["html", "js", "urlquery"]), least, 2)
        case 96..<98: return "call " + operand()
        default:
            if random.chance(10) { return "nosuch" }
            return arguments(random.pick(["len", "not", "index", "slice"]), 0, 2)
        }
    }

    private mutating func arguments(_ name: String, _ least: Int, _ most: Int) -> String {
        var text = name
        for _ in 0..<least + random.below(most - least + 1) { text += " " + operand() }
        return text
    }

    private mutating func container() -> String {
        random.pick([".l", ".ss", ".m", ".sm", ".nest", ".nest.deep", ".s", ".u", ".es", ".n"])
    }

    private mutating func sliceable() -> String {
        random.pick([".l", ".ss", ".s", ".s", ".e", "\"abcdef\"", ".es", ".host.Tags"])
    }

    private mutating func key() -> String {
        if random.chance(10) { return operand() }
        return random.pick(["0", "1", "2", "3", "1", "0", "-1", "99", "\"a\"", "\"deep\"", "\"k\""])
    }

    // MARK: Constants

    private mutating func text() -> String {
        random.chance(60) ? random.pick(TemplateGrammar.strings) : random.pick([".s", ".u", ".h"])
    }

    private mutating func number() -> String {
        random.chance(60)
            ? random.pick(TemplateGrammar.numbers) : random.pick([".i", ".f", ".neg", ".zero"])
    }

    private mutating func constant() -> String {
        switch random.below(50) {
        case 0..<24: random.pick(TemplateGrammar.strings)
        case 24..<48: random.pick(TemplateGrammar.numbers)
        case 48: random.pick(TemplateGrammar.oddNumbers)
        default: random.pick(TemplateGrammar.characters)
        }
    }

    /// A format string for `printf`, in quotes.
    private mutating func format() -> String {
        var text = ""
        for _ in 0...random.below(3) {
            if random.chance(30) { text += random.pick(["a ", " é|", "|", "%%", "[", ". "]) }
            text += "%"
            while random.chance(35) { text += random.pick(["+", "-", "#", " ", "0"]) }
            if random.chance(6) { text += random.pick(["[1]", "[2]", "[3]", "[0]", "[x]", "["]) }
            if random.chance(25) {
                text += random.pick(["1", "3", "8", "12", "20", "*", "1000000000", "0"])
            }
            if random.chance(25) {
                text += "." + random.pick(["", "0", "1", "2", "3", "7", "20", "*", "-1", "[1]*"])
            }
            if random.chance(4) { text += random.pick(["[1]", "[2]", "[9]", "[]"]) }
            text += random.pick(TemplateGrammar.verbs)
        }
        return random.chance(80) ? "\"\(text)\"" : "`\(text)`"
    }

    // MARK: Damage

    /// The text with a few bytes changed; what is no UTF-8 any more is replaced.
    private mutating func damaged(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0...random.below(3) where !bytes.isEmpty {
            let place = random.below(bytes.count)
            switch random.below(5) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(random.pick(TemplateGrammar.odd), at: place)
            case 2: bytes[place] = random.pick(TemplateGrammar.odd)
            case 3: bytes.removeLast(bytes.count - place)
            default:
                let end = min(bytes.count, place + 1 + random.below(6))
                bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let odd =
        Array("{}{}{}-- \n\t\"'`\\()|.$:=,/*%0123456789xeaAfiz_+é~!&<>;[]@#^?".utf8) + [
            0, 0x7f, 0xff,
        ]

    // MARK: Pools

    private static let texts = [
        "text", " ", "\n", " a\n\tb ", "é☃", "{", "}}", "x{ y", "-", "<b>", "\r\n", "a}}b", "{ {",
    ]
    private static let comments = [
        "{{/* c */}}", "{{- /* c */ -}}", "{{/* {{ }} */}}", "{{ /* c */ }}", "{{/* a\nb */ -}}",
        "{{/**/}}", "{{/* c }}", "{{-/* c */}}",
    ]
    private static let names = [
        "i", "s", "a", "k", "m", "l", "n", "deep", "none", "Name", "Tags", "é", "host", "x1",
    ]
    private static let fields = [
        ".i", ".neg", ".zero", ".big", ".f", ".fs", ".fneg", ".nan", ".inf", ".s", ".e", ".u", ".h",
        ".q", ".b", ".nb", ".n", ".l", ".ss", ".es", ".m", ".sm", ".nest", ".nest.deep", ".host",
        ".host.Name", ".host.Tags", ".host.Meta", ".none", ".m.none", ".sm.none", ".nest.none.x",
        ".n.x", ".hosts", ".hosts.one.Port", "$.i", "$.s", "$.m.a", "$.sm.k", ".ctl",
    ]
    private static let strings = [
        "\"\"", "\"a\"", "\"abc\"", "\"b\"", "\"x\\ty\\n\"", "\"\\u00e9\"", "\"é☃\"", "`raw \"q\"`",
        "\"\\\"q\\\"\"", "\"<a href='x'>&\"", "\"100%\"", "\"\\x41\\101\\a\\v\"", "\"\\U0001F600\"",
        "`a\nb`", "\"10\"", "\" \"", "\"\\\\\"", "\"a b&c=d/é?\"", "\"\\u200b\\u0007\"",
    ]
    private static let numbers = [
        "0", "1", "-1", "2", "3", "42", "0x1F", "0b101", "0o17", "017", "1_000", "1.5", "-2.5e3",
        "1e3", "1e-7", "0.1", "1e21", "123456789.0", "+3", "0x1p-2", "9223372036854775807",
        "1e100", ".5", "5.", "100000.0", "1234567.0", "0.000001",
    ]
    private static let oddNumbers = [
        "9223372036854775808", "-9223372036854775808", "18446744073709551616", "08", "1i", "2+3i",
        "0x", "1e", "1__0", "_1", "0_7", "1.2.3", "1e400", "0x1F.8p1", "0b12", "1a", "0X1f", "1E3",
        "-0", "-0.0", "0x_1", "1e1000", "0b1e3", "0x1.8", "-0x1F", "0o8", "1_", "0.5i", "1+2",
        "-0x1E",
        "0x_F", "1_.5", "1._5", "1e_5", "1e1_0",
    ]
    private static let characters = [
        "'a'", "'\\n'", "'é'", "'\\''", "'\\x41'", "'\\u00e9'", "'ab'", "''", "'☃'", "'\\\"'",
        "'\"'", "'\\377'", "'\\400'", "'\\U0001F600'",
    ]
    private static let verbs = [
        "v", "v", "v", "d", "d", "s", "s", "s", "q", "q", "x", "X", "o", "O", "b", "e", "E", "f",
        "F", "g", "G", "t", "T", "c", "U", "p", "%", "w", "z", "!", "é", "",
    ]
}
