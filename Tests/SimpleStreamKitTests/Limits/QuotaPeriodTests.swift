import Foundation
import Testing

@testable import SimpleStreamKit

/// Days and months of UTC.
@Suite struct QuotaPeriodTests {
    @Test(
        arguments: [
            ("2026-11-25T13:45:10Z", "2026-11-25", "2026-11-26", "2026-11-01", "2026-12-01"),
            ("2026-12-31T23:59:59Z", "2026-12-31", "2027-01-01", "2026-12-01", "2027-01-01"),
            ("2024-02-29T00:00:00Z", "2024-02-29", "2024-03-01", "2024-02-01", "2024-03-01"),
            ("2100-02-28T12:00:00Z", "2100-02-28", "2100-03-01", "2100-02-01", "2100-03-01"),
            ("2000-02-29T12:00:00Z", "2000-02-29", "2000-03-01", "2000-02-01", "2000-03-01"),
            ("1969-12-31T23:00:00Z", "1969-12-31", "1970-01-01", "1969-12-01", "1970-01-01"),
        ]
    )
    func spansAreTheCalendars(
        time: String, day: String, nextDay: String, month: String, nextMonth: String
    ) throws {
        let date = try Date.ISO8601FormatStyle().parse(time)
        func midnight(_ day: String) throws -> Date { try Date.ISO8601FormatStyle().parse("\(day)T00:00:00Z") }
        #expect(QuotaPeriod.day.span(at: date) == (try midnight(day))..<(try midnight(nextDay)))
        #expect(QuotaPeriod.month.span(at: date) == (try midnight(month))..<(try midnight(nextMonth)))
    }

    @Test func everyMonthFollowsTheOneBefore() {
        var date = Date(timeIntervalSince1970: -5_000_000_000)
        for _ in 0..<4000 {
            let span = QuotaPeriod.month.span(at: date)
            #expect(span.contains(date))
            #expect([28, 29, 30, 31].contains(span.upperBound.timeIntervalSince(span.lowerBound) / 86_400))
            date = span.upperBound
        }
    }

    @Test(arguments: [Date.distantPast, .distantFuture, Date(timeIntervalSince1970: 1e300)])
    func anyClockIsTaken(date: Date) {
        for period in QuotaPeriod.allCases { #expect(!period.span(at: date).isEmpty) }
    }
}
