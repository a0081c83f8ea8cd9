/// Reads how long a provider wants to be left alone.
enum RetryDelay {
    /// Longer waits are not believed.
    private static let longest = 86_400.0

    /// From `retry-after-ms`, `Retry-After`, or the provider's words, in this order.
    ///
    /// - Parameter now: seconds since 1970 when the response came, for a peer that does not tell its own time.
    static func read(_ headers: [String: String], _ report: FailureReport, at now: Int?) -> Duration? {
        if let text = headers["retry-after-ms"], let value = Double(text) { return duration(value / 1000) }
        if let text = headers["retry-after"] {
            if let value = Double(text) { return duration(value) }
            // A date says most beside the sender's own clock.
            if let date = HTTPDate.seconds(text), let now = headers["date"].flatMap(HTTPDate.seconds) ?? now {
                return duration(Double(date - now))
            }
        }
        return inDetails(report) ?? inWords(report.words)
    }

    private static func duration(_ seconds: Double) -> Duration? {
        guard seconds.isFinite else { return nil }
        return .milliseconds(Int((min(max(seconds, 0), longest) * 1000).rounded(.up)))
    }

    /// Google's `RetryInfo`.
    private static func inDetails(_ report: FailureReport) -> Duration? {
        for detail in report.json?["error"]?["details"]?.array ?? [] {
            if let text = detail["retryDelay"]?.string { return seconds(text[...]) }
        }
        return nil
    }

    /// "Please try again in 2.3s", "retry after 15 seconds".
    private static func inWords(_ words: String) -> Duration? {
        for phrase in ["try again in ", "retry after ", "retry in "] {
            guard let range = words.firstRange(of: phrase) else { continue }
            if let delay = seconds(words[range.upperBound...]) { return delay }
        }
        return nil
    }

    /// A number with its unit, several in a row: `1m30.5s`, `120ms`, `15 seconds`.
    private static func seconds(_ text: Substring) -> Duration? {
        var total = 0.0
        var found = false
        var rest = text
        while true {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let value = Double(number) else { break }
            rest = rest[number.endIndex...].drop { $0 == " " }
            let unit = rest.prefix { $0.isLetter }
            guard let factor = factor(unit) else { break }
            total += value * factor
            found = true
            rest = rest[unit.endIndex...]
        }
        return found ? duration(total) : nil
    }

    private static func factor(_ unit: Substring) -> Double? {
        switch unit {
        case "ms", "milliseconds", "millisecond": 0.001
        case "s", "sec", "second", "seconds": 1
        case "m", "min", "minute", "minutes": 60
        case "h", "hour", "hours": 3600
        case "d", "day", "days": 86_400
        default: nil
        }
    }
}
