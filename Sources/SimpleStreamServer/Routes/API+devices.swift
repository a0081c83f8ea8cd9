import HTTPTypes
import Hummingbird
import SimpleStreamKit

extension API {
    var devices: [Endpoint] {
        [
            Endpoint(
                .post, "/api/auth/device", "A program asks to be let in; its user types the short code at the address.",
                body: .json("DeviceRequest"), answer: .json("DeviceCodes"), needs: .nobody
            ) { request in
                let accounts = try requireAccounts()
                let fields = try await request.body()
                let name = try plainText(of: fields, "clientName") ?? "A program"
                var scopes = try requestedScopes(of: fields) ?? [.chat, .read, .keys, .admin]
                scopes.remove(.ops)
                let code = try await accounts.beginDeviceLogin(
                    clientName: name, scopes: scopes, address: request.address)
                let page = "\(accounts.publicURL ?? origin(of: request))/device"
                return .json([
                    "deviceCode": .string(code.device.reveal()), "userCode": .string(code.user),
                    "verificationURL": .string(page),
                    "verificationURLComplete": .string("\(page)?code=\(code.user)"),
                    "expiresInSeconds": .integer(Int(code.expiresIn.components.seconds)), "intervalSeconds": 2,
                ])
            },
            Endpoint(
                .post, "/api/auth/device/token",
                "Whether the program was let in: 202 while nobody has decided, its token once, then 404.",
                body: .json("DevicePoll"), answer: .json("NewToken"), statuses: [200, 202], needs: .nobody
            ) { request in
                let accounts = try requireAccounts()
                let code = try await request.body().requiredString("deviceCode", upTo: 100)
                guard let (token, secret) = try await accounts.takeDeviceToken(code, address: request.address) else {
                    return .json(["status": "pending"], status: .accepted)
                }
                return .json(token.json(secret: secret))
            },
            Endpoint(
                .post, "/api/auth/device/lookup", "Which program waits with a short code.", body: .json("UserCode"),
                answer: .json("WaitingDevice"), needs: .browser
            ) { request in
                let code = try await request.body().requiredString("userCode", upTo: 40)
                let login = try await requireAccounts().waitingDevice(
                    code, for: request.user, address: request.address)
                return .json([
                    "clientName": .string(login.clientName),
                    "scopes": .array(login.scopes.sorted().map { .string($0.rawValue) }),
                    "createdAt": .string(login.createdAt.iso8601),
                ])
            },
            Endpoint(
                .post, "/api/auth/device/decide", "Lets the program in, or sends it away.", body: .json("Decision"),
                answer: .none, needs: .browser
            ) { request in
                guard request.user.kind != .guest else {
                    throw ChatError(.forbidden, "Sign in to let a program in: guests come and go.")
                }
                let fields = try await request.body()
                guard let isApproved = try fields.bool("approve") else {
                    throw FieldReader.wrong("approve", "true or false")
                }
                try await requireAccounts().decideDevice(
                    try fields.requiredString("userCode", upTo: 40), for: request.user, isApproved: isApproved,
                    address: request.address)
                return .done
            },
        ]
    }

    /// Where the caller found the server.
    private func origin(of request: APIRequest) -> String {
        "http://\(request.request.head.authority ?? configuration.host)"
    }

    /// A name somebody gave to something, without line breaks and control characters.
    func plainText(of fields: FieldReader, _ field: String) throws(ChatError) -> String? {
        guard let text = try fields.string(field, upTo: 100) else { return nil }
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        guard isPlain, !text.allSatisfy(\.isWhitespace) else { throw FieldReader.wrong(field, "a plain text") }
        return text
    }

    /// The scopes that are asked for; nil when none are named.
    func requestedScopes(of fields: FieldReader) throws(ChatError) -> Set<AccessScope>? {
        let names = try fields.strings("scopes", upTo: 10)
        guard !names.isEmpty else { return nil }
        let scopes = Set(names.map(AccessScope.init))
        guard scopes.isSubset(of: AccessScope.all) else {
            throw FieldReader.wrong("scopes", "a list of " + AccessScope.all.map(\.rawValue).joined(separator: ", "))
        }
        return scopes
    }
}
