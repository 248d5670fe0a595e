import Crypto
import Foundation

extension SHA256 {
    /// The hash of a text, as 64 hexadecimal digits.
    static func hex(_ text: String) -> String { hex(Array(text.utf8)) }

    /// The hash of bytes, as 64 hexadecimal digits.
    static func hex(_ bytes: [UInt8]) -> String { hash(data: bytes).hexadecimal }
}

extension Sequence<UInt8> {
    /// Two lower-case digits for each byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
