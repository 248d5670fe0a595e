import Exposition
import Model

/// What is wrong with an exposition, and what is unusual about its metrics.
public struct MetricsCheck: Sendable {
    /// Why it cannot be read.
    public private(set) var errors: [Problem] = []
    /// What `promtool check metrics` says of it.
    public private(set) var findings: [MetricsLint.Finding] = []

    /// Of an exposition with that content type; one without is OpenMetrics where `# EOF` ends it, or
    /// else the text format.
    public init(_ body: [UInt8], named name: String, contentType: String? = nil) {
        let type = contentType ?? MetricsCheck.contentType(of: body)
        do throws(ExpositionError) {
            findings = try MetricsLint.findings(
                in: body, format: try ExpositionFormat.of(contentType: type, fallback: nil))
        } catch {
            errors = [
                Problem(at: SourcePlace(file: name, line: error.line ?? 0), error.message)
            ]
        }
    }

    private static func contentType(of body: [UInt8]) -> String {
        let end = Array("# EOF".utf8)
        let isOpenMetrics = body.suffix(end.count + 1).split(separator: 0x0a).last.map {
            $0.elementsEqual(end)
        }
        return isOpenMetrics == true ? "application/openmetrics-text" : "text/plain"
    }
}
