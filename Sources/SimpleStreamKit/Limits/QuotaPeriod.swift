#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A calendar day or month of UTC.
public enum QuotaPeriod: String, Sendable, Hashable, Codable, CaseIterable {
    case day, month

    /// The period that holds `date`: when it began, and when the next one begins.
    public func span(at date: Date) -> Range<Date> {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        // Far beyond any real clock, where days would not fit a number any more.
        let day = Int((min(max(seconds, -1e12), 1e12) / 86_400).rounded(.down))
        switch self {
        case .day: return Self.midnight(day)..<Self.midnight(day + 1)
        case .month:
            let (year, month) = Self.month(ofDay: day)
            let next = month == 12 ? (year + 1, 1) : (year, month + 1)
            return Self.midnight(Self.firstDay(of: year, month))..<Self.midnight(Self.firstDay(of: next.0, next.1))
        }
    }

    private static func midnight(_ day: Int) -> Date { Date(timeIntervalSince1970: Double(day) * 86_400) }

    /// Days since 1970 of a month's first day (civil calendar; years begin in March, so that leap days come last).
    private static func firstDay(of year: Int, _ month: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func month(ofDay day: Int) -> (year: Int, month: Int) {
        let day = day + 719_468
        let era = (day >= 0 ? day : day - 146_096) / 146_097
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month)
    }
}
