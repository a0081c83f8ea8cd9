import HTTPTypes
import SimpleStreamKit

/// The cookies of this server, and what browsers may do with them.
struct SessionCookie: Sendable {
    /// Whether users come over https.
    let isSecure: Bool

    /// The session's. With the prefix no other host, path or plain connection can set one for us.
    var name: String { isSecure ? "__Host-ss_session" : "ss_session" }
    /// Binds a sign-in under way to its browser.
    var signInName: String { isSecure ? "__Host-ss_signin" : "ss_signin" }

    /// The session's token in a request.
    func token(in head: HTTPRequest) -> String? { value(of: name, in: head) }

    /// The secret of the browser that began a sign-in.
    func signInSecret(in head: HTTPRequest) -> String? { value(of: signInName, in: head) }

    func set(_ token: Secret, for time: Duration) -> String { field(name, token.reveal(), age: time) }
    var cleared: String { field(name, "", age: .zero) }
    func setSignIn(_ secret: Secret, for time: Duration) -> String { field(signInName, secret.reveal(), age: time) }
    var signInCleared: String { field(signInName, "", age: .zero) }

    private func field(_ name: String, _ value: String, age: Duration) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(age.components.seconds); HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }

    /// A cookie's value; nil when there is none, when there are two, one of which somebody else has set, and when it is no
    /// token of ours.
    private func value(of name: String, in head: HTTPRequest) -> String? {
        var found: [Substring] = []
        for field in head.headerFields[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts.count == 2, parts[0].drop(while: { $0 == " " }) == name[...] { found.append(parts[1]) }
            }
        }
        guard found.count == 1, let value = found.first, value.utf8.count == 43,
            value.utf8.allSatisfy(Self.isTokenByte)
        else { return nil }
        return String(value)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
