import Model
import Zones

// Go's encodings of a time: texts and bytes that are read again.
extension TemplateTime {
    /// RFC 3339, where it can write the time; an error begins with `prefix`, as Go's do.
    public func strictRFC3339(_ prefix: String) throws(TemplateFunctionError) -> String {
        if !(0...9999).contains(civil.year) {
            throw TemplateFunctionError(prefix + "year outside of range [0,9999]")
        }
        if clock.offset.magnitude >= 86_400 {
            throw TemplateFunctionError(prefix + "timezone hour outside of range [0,23]")
        }
        return rfc3339
    }

    func encoding(_ name: String) -> TemplateFunction? {
        let encode: @Sendable (TemplateTime) throws -> [UInt8]
        switch name {
        case "AppendFormat":
            return TemplateFunction([.named("[]uint8"), .string]) { call in
                .bytes(call.bytes(0) + Array(formatted(layout: call.string(1)).utf8))
            }
        case "MarshalText", "AppendText":
            encode = { Array(try $0.strictRFC3339("Time.\(name): ").utf8) }
        case "MarshalJSON":
            encode = { Array("\"\(try $0.strictRFC3339("Time.MarshalJSON: "))\"".utf8) }
        case "MarshalBinary", "GobEncode", "AppendBinary": encode = { try $0.binary() }
        default: return nil
        }
        if name.hasPrefix("Append") {
            return TemplateFunction([.named("[]uint8")]) {
                .bytes($0.bytes(0) + (try encode(self)))
            }
        }
        return TemplateFunction { _ in .bytes(try encode(self)) }
    }

    /// A version, seconds since Go's zero time, nanoseconds, and minutes east of UTC: -1 is UTC itself.
    private func binary() throws(TemplateFunctionError) -> [UInt8] {
        let offset = clock.offset
        let minutes = zone == .utc ? -1 : offset / 60
        if zone != .utc, minutes == -1 || Int16(exactly: minutes) == nil {
            throw TemplateFunctionError("Time.MarshalBinary: unexpected zone offset")
        }
        let hasSeconds = zone != .utc && offset % 60 != 0
        let seconds = seconds.addingSaturating(-TemplateTime.zero.seconds)
        var bytes: [UInt8] = [hasSeconds ? 2 : 1]
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: seconds >> Int64(shift)))
        }
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: nanosecond >> shift))
        }
        bytes += [UInt8(truncatingIfNeeded: minutes >> 8), UInt8(truncatingIfNeeded: minutes)]
        return hasSeconds ? bytes + [UInt8(truncatingIfNeeded: offset % 60)] : bytes
    }
}
