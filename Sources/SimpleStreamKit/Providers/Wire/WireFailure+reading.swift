extension WireFailure {
    /// How long the provider asks to wait: `retry-after-ms`, else `Retry-After` in seconds or as a date.
    ///
    /// A date is taken relative to the response's own `Date`, for lack of a clock. At most a day, nil when there is none.
    package var retryAfter: Duration? {
        if let milliseconds = headers["retry-after-ms"].flatMap({ Double($0) }) { return Self.wait(milliseconds / 1000) }
        guard let value = headers["retry-after"] else { return nil }
        if let seconds = Double(value) { return Self.wait(seconds) }
        guard let then = HTTPDate.seconds(value), let now = headers["date"].flatMap(HTTPDate.seconds) else { return nil }
        return Self.wait(Double(then - now))
    }

    /// What `x-should-retry` says; nil when it says nothing.
    package var shouldRetry: Bool? {
        switch headers["x-should-retry"] {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// A duration of that many seconds within a day; nil for a negative or odd number.
    package static func wait(_ seconds: Double) -> Duration? {
        guard seconds.isFinite, seconds >= 0 else { return nil }
        return .milliseconds(Int64((min(seconds, 86_400) * 1000).rounded(.up)))
    }

    /// The body for developers: bounded, without what looks like a key.
    package var scrubbedBody: String { Self.scrub(String(decoding: body.prefix(4_096), as: UTF8.self)) }

    /// `text` with everything that looks like a key replaced, and at most 2 000 characters of it.
    ///
    /// Looks like a key: words of at least 12 letters, digits and some signs that begin with one of the known
    /// prefixes, and any such word of 32 and more that holds letters and digits.
    package static func scrub(_ text: String) -> String {
        var scrubbed = ""
        var word = ""
        func flush() {
            scrubbed += looksLikeKey(word) ? "[redacted]" : word
            word = ""
        }
        for scalar in text.unicodeScalars.prefix(4_096) {
            if isWordScalar(scalar) {
                word.unicodeScalars.append(scalar)
            } else {
                flush()
                scrubbed.unicodeScalars.append(scalar)
            }
        }
        flush()
        return String(scrubbed.prefix(2_000))
    }

    private static let keyPrefixes = [
        "sk-", "sk_", "xai-", "AIza", "AQ.", "LLM|", "vck_", "gsk_", "hf_", "eyJ",
    ]

    private static func looksLikeKey(_ word: String) -> Bool {
        guard word.utf8.count >= 12 else { return false }
        if keyPrefixes.contains(where: { word.hasPrefix($0) }) { return true }
        guard word.utf8.count >= 32 else { return false }
        return word.contains(where: \.isNumber) && word.contains(where: \.isLetter)
    }

    private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", "|", ".", "+": true
        default: false
        }
    }
}

/// Reads the date format of HTTP headers.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
    static func seconds(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = number(words[1], 1...31),
            let month = months.firstIndex(of: String(words[2])), let year = number(words[3], 1970...9999)
        else { return nil }
        let time = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let hour = number(time[0], 0...23), let minute = number(time[1], 0...59),
            let second = number(time[2], 0...60)
        else { return nil }
        return days(year, month + 1, day) * 86_400 + hour * 3_600 + minute * 60 + second
    }

    private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
        guard let value = Int(text), range.contains(value) else { return nil }
        return value
    }

    /// Days from 1970 on; a year is taken to start in March so that the leap day is its last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
