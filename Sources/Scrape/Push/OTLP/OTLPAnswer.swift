import Foundation
import WireFormats

/// The bodies of answers to export requests, in the encoding of the request.
public enum OTLPAnswer {
    /// What is said of a request that was taken: how many data points were not, and why. Without either
    /// everything was taken. A message without rejected points is a warning.
    public static func taken(
        rejectedPoints: Int, message: String, encoding: OTLPEncoding
    ) -> [UInt8] {
        var response = OTLPExportResponse()
        if rejectedPoints > 0 || !message.isEmpty {
            response.partialSuccess.rejectedDataPoints = Int64(rejectedPoints)
            response.partialSuccess.errorMessage = message
        }
        switch encoding {
        case .protobuf: return (try? response.serializedBytes()) ?? []
        case .json: return (try? response.jsonUTF8Bytes()) ?? Array("{}".utf8)
        }
    }

    /// What is said of a request that was refused whole.
    public static func refused(
        code: StatusCode, message: String, encoding: OTLPEncoding
    ) -> [UInt8] {
        var status = OTLPStatus()
        status.code = code.rawValue
        status.message = message
        switch encoding {
        case .protobuf: return (try? status.serializedBytes()) ?? []
        case .json: return (try? status.jsonUTF8Bytes()) ?? Array("{}".utf8)
        }
    }

    /// Codes of gRPC that a refusal may have.
    public enum StatusCode: Int32, Sendable {
        case invalidArgument = 3
        case resourceExhausted = 8
        case unavailable = 14
    }
}
