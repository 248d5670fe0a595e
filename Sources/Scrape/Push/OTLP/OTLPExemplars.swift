import Foundation
import Model
import WireFormats

/// Exemplars with the IDs of their traces as labels.
enum OTLPExemplars {
    private static let traceIDBytes = 16
    private static let spanIDBytes = 8

    /// The exemplar; nil without a value. Attributes that make its labels too long are left out, never the
    /// IDs.
    static func exemplar(_ exemplar: OTLPExemplar, _ encoding: OTLPEncoding) -> Exemplar? {
        let value: Double
        switch exemplar.value {
        case .asDouble(let number): value = number
        case .asInt(let number): value = Double(number)
        case nil: return nil
        }
        var labels: [Label] = []
        if let id = id(exemplar.traceID, traceIDBytes, encoding) {
            labels.append(Label("trace_id", id))
        }
        if let id = id(exemplar.spanID, spanIDBytes, encoding) {
            labels.append(Label("span_id", id))
        }
        let attributes = exemplar.filteredAttributes.map { Label($0.key, OTLPValue.text($0.value)) }
        let characters = (labels + attributes).reduce(0) { sum, label in
            sum + label.name.unicodeScalars.count + label.value.unicodeScalars.count
        }
        if characters <= Exemplar.maximumLabelCharacters { labels += attributes }
        let time = Timestamp(nanoseconds: exemplar.timeUnixNano)
        return Exemplar(
            labels: Labels(labels), value: value, time: time, hasTime: time.milliseconds != 0)
    }

    /// An ID in hexadecimal; nil where it has not so many bytes, or is zero.
    private static func id(
        _ bytes: Data, _ count: Int, _ encoding: OTLPEncoding
    ) -> String? {
        let text: String
        switch encoding {
        case .protobuf: text = bytes.map { hexadecimal($0) }.joined()
        // OTLP's JSON has hexadecimal where protobuf's has Base64, which it was therefore read as. All of
        // its digits are Base64's too, and an ID has a multiple of four: written back it is what it was.
        case .json: text = bytes.base64EncodedString().lowercased()
        }
        let digits = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        let isZero = text.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
        return digits && !isZero && text.utf8.count == 2 * count ? text : nil
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
