import HTTPTypes
import Hummingbird
import NIOCore
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension API {
    /// The path whose bodies may be as long as an attachment.
    static let attachmentsPath = "/api/attachments"

    var attachments: [Endpoint] {
        [
            Endpoint(
                .post, Self.attachmentsPath, "Takes a file, as it is, as the body. Its type is read from its bytes.",
                parameters: [.query("name", ["type": "string", "maxLength": 200], "What to call it.")],
                body: .bytes, answer: .json("Attachment"), statuses: [201]
            ) { try await upload($0) },
            Endpoint(
                .get, Self.attachmentsPath + "/{id}", "The file. Pictures are shown, all else is downloaded.",
                answer: .bytes
            ) { try await download($0) },
            Endpoint(
                .delete, Self.attachmentsPath + "/{id}", "Deletes a file that no message holds.", answer: .none
            ) { request in
                let id = try request.path("id")
                guard try await chat.store.deleteAttachment(id, of: request.user.id) else {
                    throw ChatError(.notFound, "There is no such attachment that no message holds.")
                }
                try await chat.blobs.delete(id)
                return .done
            },
        ]
    }

    private func upload(_ request: APIRequest) async throws -> Response {
        // Forms are what a page of another site can send without being asked.
        let type = request.request.headers[.contentType]?.lowercased() ?? ""
        guard !type.hasPrefix("multipart/"), !type.hasPrefix("application/x-www-form-urlencoded") else {
            throw HTTPRefusal(
                .unsupportedMediaType, .invalidRequest, "Send the file itself as the body, not a form.")
        }
        let name = Self.cleanName(try request.query("name"))
        let sniffer = Sniffer()
        let attachment = try await chat.keepAttachment(
            named: name, of: request.user.id, isGuest: request.user.kind == .guest,
            limit: configuration.attachmentBytes, bytes: request.request.body.map { sniffer.saw($0) }
        ) {
            guard let mime = sniffer.type else {
                throw HTTPRefusal(
                    .unsupportedMediaType, .invalidRequest, "The file must be png, jpeg, gif, webp, pdf or UTF-8 text.")
            }
            return mime.rawValue
        }
        return .json(attachment.json, status: .created)
    }

    private func download(_ request: APIRequest) async throws -> Response {
        let id = try request.path("id")
        guard let attachment = try await chat.store.attachments([id], of: request.user.id).first else {
            throw ChatError(.notFound, "There is no such attachment.")
        }
        // A browser may keep it, and asks each time whether its user still may see it. An attachment never changes.
        var headers: HTTPFields = [.cacheControl: "private, no-cache", .eTag: "\"\(attachment.id)\""]
        if EntityTag.isNamed("\"\(attachment.id)\"", in: request.request.headers[.ifNoneMatch]) {
            return Response(status: .notModified, headers: headers)
        }
        let bytes = try await chat.blobs.get(id)
        let isShown = SniffedType(rawValue: attachment.mime)?.isPicture == true
        headers[.contentType] = attachment.mime == "text/plain" ? "text/plain; charset=utf-8" : attachment.mime
        headers[.contentDisposition] = Self.disposition(isShown ? "inline" : "attachment", name: attachment.name)
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// A name without paths and control characters.
    private static func cleanName(_ name: String?) -> String {
        let last = (name ?? "").split { $0 == "/" || $0 == "\\" }.last ?? ""
        let clean = last.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        let text = String(String(String.UnicodeScalarView(clean)).prefix(200))
        return text.isEmpty || text == "." || text == ".." ? "file" : text
    }

    /// RFC 6266, with the name in RFC 8187's encoding.
    private static func disposition(_ kind: String, name: String) -> String {
        let encoded = name.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default: "%" + [byte].hex.uppercased()
            }
        }
        return "\(kind); filename*=UTF-8''\(encoded.joined())"
    }
}
