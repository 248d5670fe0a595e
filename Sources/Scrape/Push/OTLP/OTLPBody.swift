import Foundation
import Model
import SwiftProtobuf
import WireFormats

/// The two encodings of OTLP over HTTP.
public enum OTLPEncoding: Sendable, Hashable, CaseIterable {
    case json, protobuf

    /// The encoding that a Content-Type header names.
    public init(contentType: String) throws(OTLPError) {
        let end = contentType.utf8.firstIndex(of: UInt8(ascii: ";")) ?? contentType.endIndex
        let name = contentType[..<end].trimmingCharacters(in: .whitespaces).lowercased()
        guard let encoding = OTLPEncoding.allCases.first(where: { $0.mediaType == name }) else {
            throw .unsupportedContentType(contentType)
        }
        self = encoding
    }

    /// What a Content-Type header says of it.
    public var mediaType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }
}

/// Why a body is refused whole.
public enum OTLPError: Error, Hashable, Sendable, CustomStringConvertible {
    case unsupportedContentType(String)
    /// Messages in messages, more than `OTLPBody.maximumDepth`.
    case tooDeep
    case malformed(OTLPEncoding, String)

    public var description: String {
        switch self {
        case .unsupportedContentType(let type):
            let supported = OTLPEncoding.allCases.map(\.mediaType).joined(separator: ", ")
            return "unsupported content type: \(type.goQuoted), supported: [\(supported)]"
        case .tooDeep:
            return "the body is nested deeper than the limit of \(OTLPBody.maximumDepth) levels: "
                + "send attributes with fewer levels"
        case .malformed(.protobuf, let reason):
            return "the body is no export request in protobuf: \(reason)"
        case .malformed(.json, let reason):
            return "the body is no export request in JSON: \(reason)"
        }
    }
}

/// The body of an export request, read.
public struct OTLPBody: Sendable {
    /// So many messages, or values of JSON, may be inside each other.
    public static let maximumDepth = 100

    /// How it was encoded, which an answer follows.
    public let encoding: OTLPEncoding
    let request: OTLPExportRequest

    /// Reads an uncompressed body. A field that is unknown is passed over.
    public init(_ bytes: [UInt8], contentType: String) throws(OTLPError) {
        encoding = try OTLPEncoding(contentType: contentType)
        do {
            switch encoding {
            case .protobuf:
                var options = BinaryDecodingOptions()
                options.messageDepthLimit = OTLPBody.maximumDepth
                options.discardUnknownFields = true
                request = try OTLPExportRequest(serializedBytes: bytes, options: options)
            case .json:
                var options = JSONDecodingOptions()
                options.messageDepthLimit = OTLPBody.maximumDepth
                options.ignoreUnknownFields = true
                request = try OTLPExportRequest(jsonUTF8Bytes: bytes, options: options)
            }
        } catch {
            throw OTLPBody.error(error, encoding)
        }
    }

    private static func error(_ error: any Error, _ encoding: OTLPEncoding) -> OTLPError {
        switch error {
        case BinaryDecodingError.messageDepthLimit, JSONDecodingError.messageDepthLimit: .tooDeep
        default: .malformed(encoding, "\(error)")
        }
    }
}
