import JWTKit
import SimpleStreamKit

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is wrong with an id token, for the operator.
struct IDTokenProblem: Error {
    let what: String
}

/// How an id token is signed.
struct IDTokenHeader: Sendable {
    let algorithm: String
    let keyID: String?

    /// Signatures that only the issuer can make. A shared secret is none, and neither is nothing.
    private static let algorithms: Set<String> = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    ]

    init(of token: String) throws(IDTokenProblem) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = [UInt8](base64URL: parts[0]),
            let header = try? JSONValue(parsing: bytes), let algorithm = header["alg"]?.string
        else { throw IDTokenProblem(what: "it is no token") }
        guard Self.algorithms.contains(algorithm) else { throw IDTokenProblem(what: "its algorithm") }
        // Extensions we do not know must not be passed over (RFC 7515 section 4.1.11).
        guard header["crit"] == nil else { throw IDTokenProblem(what: "an unknown extension") }
        self.algorithm = algorithm
        keyID = header["kid"]?.string
    }
}

/// The claims of an id token whose signature was good.
struct IDTokenClaims: JWTPayload {
    var iss: String
    var sub: String
    var aud: Audience
    var exp: Double
    var iat: Double?
    var nonce: String?
    var azp: String?
    var name: String?
    var preferredName: String?
    var email: String?
    var isEmailVerified: Flag?
    var picture: String?

    enum CodingKeys: String, CodingKey {
        case iss, sub, aud, exp, iat, nonce, azp, name, email, picture
        case preferredName = "preferred_username"
        case isEmailVerified = "email_verified"
    }

    /// True or false; some issuers write it as text.
    struct Flag: Codable, Sendable {
        var isSet: Bool

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                isSet = flag
            } else {
                isSet = try container.decode(String.self) == "true"
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(isSet)
        }
    }

    /// One name or a list of them.
    struct Audience: Codable, Sendable {
        var names: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let name = try? container.decode(String.self) {
                names = [name]
            } else {
                names = try container.decode([String].self)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(names)
        }
    }

    /// Nothing: what the claims must say depends on who asked; see ``identity(issuer:clientID:nonce:now:)``.
    func verify(using algorithm: some JWTAlgorithm) {}

    /// How far clocks may be apart.
    private static let leeway = 60.0

    /// Who the token is about, if it is the one that was asked for (OpenID Connect Core section 3.1.3.7).
    func identity(
        issuer: String, clientID: String, nonce: String, now: Date
    ) throws(IDTokenProblem) -> VerifiedIdentity {
        let now = now.timeIntervalSince1970
        guard iss == issuer else { throw IDTokenProblem(what: "its issuer") }
        guard aud.names.contains(clientID) else { throw IDTokenProblem(what: "its audience") }
        guard aud.names.count == 1 || azp != nil, azp ?? clientID == clientID else {
            throw IDTokenProblem(what: "its authorized party")
        }
        guard exp + Self.leeway > now else { throw IDTokenProblem(what: "it has expired") }
        guard (iat ?? now) < now + 5 * Self.leeway else { throw IDTokenProblem(what: "it is from the future") }
        guard self.nonce == nonce else { throw IDTokenProblem(what: "its nonce") }
        guard !sub.isEmpty, sub.utf8.count <= 255, !sub.contains("\0") else {
            throw IDTokenProblem(what: "its subject")
        }
        return VerifiedIdentity(
            identity: Identity(issuer: issuer, subject: sub),
            name: name ?? preferredName,
            email: isEmailVerified?.isSet == true ? email : nil,
            avatarURL: picture
        )
    }
}

/// The keys an issuer signs with.
struct OpenIDKeys: Sendable {
    private let keys: [JWK]
    var mayBeReadAgain = true

    /// Reads a key set; keys of a kind we do not know, or that do not sign, are left out.
    init(_ document: JSONValue) {
        let listed = document["keys"]?.array ?? []
        keys = listed.prefix(64).compactMap { value in
            guard value["use"] == nil || value["use"] == "sig" else { return nil }
            var value = value
            // The library wants every key named.
            if value["kid"] == nil { value["kid"] = "" }
            return try? JSONDecoder().decode(JWK.self, from: Data(value.encoded))
        }
    }

    /// Whether a token that names this key could be checked.
    func has(_ keyID: String?) -> Bool { keyID == nil ? !keys.isEmpty : candidates(keyID).isEmpty == false }

    /// The claims when one of the keys has signed them; nil otherwise.
    func claims(of token: String, _ header: IDTokenHeader) async -> IDTokenClaims? {
        for key in candidates(header.keyID) {
            // One collection a key, so that no other key steps in for it. What a key does not verify, the next may.
            let collection = JWTKeyCollection()
            guard (try? await collection.add(jwk: key)) != nil,
                let claims = try? await collection.verify(token, as: IDTokenClaims.self)
            else { continue }
            return claims
        }
        return nil
    }

    private func candidates(_ keyID: String?) -> [JWK] {
        guard let keyID else { return keys }
        return keys.filter { $0.keyIdentifier?.string == keyID }
    }
}
