/// Lines of columns, the first flush left and the others flush right.
struct Table {
    private var rows: [[String]]

    init(_ head: String...) { rows = [head] }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// As Markdown, padded so that it can be read as it is.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        var lines: [String] = []
        for (number, row) in rows.enumerated() {
            var line = "|"
            for column in 0..<columns {
                let cell = row.count > column ? row[column] : ""
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += column == 0 ? " \(cell)\(padding) |" : " \(padding)\(cell) |"
            }
            lines.append(line)
            if number == 0 {
                let rules = widths.enumerated().map { column, width in
                    String(repeating: "-", count: width + 1) + (column == 0 ? "-" : ":")
                }
                lines.append("|" + rules.joined(separator: "|") + "|")
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension Double {
    /// With so many digits after the point.
    func text(_ digits: Int) -> String {
        if !isFinite { return "–" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = (magnitude * scale).rounded()
        guard rounded < 1e18 else { return "\(self)" }
        let whole = Int64(rounded)
        let sign = self < 0 && whole != 0 ? "-" : ""
        if digits == 0 { return sign + "\(whole)" }
        let fraction = String(whole % Int64(scale))
        return sign + "\(whole / Int64(scale))."
            + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
