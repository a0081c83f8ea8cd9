/// Names for requests, so that a user can report one and an operator find it in the log.
package enum RequestID {
    /// 64 random bits as 16 hexadecimal digits.
    package static func make() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
