import Foundation
import Testing
import Zones

/// Zones are found, named and read as Go does it.
@Suite struct ZoneTests {
    private static let summer: Int64 = 1_782_907_200  // 2026-07-01T12:00:00Z
    private static let winter: Int64 = 1_767_268_800  // 2026-01-01T12:00:00Z

    private func shown(_ zone: Zone, _ seconds: Int64) -> String {
        let clock = zone.clock(at: seconds)
        return "\(clock.offset) \(clock.abbreviation) \(clock.isDaylightSaving)"
    }

    @Test(arguments: [
        ("Europe/Berlin", "7200 CEST true", "3600 CET false"),
        ("Australia/Sydney", "36000 AEST false", "39600 AEDT true"),
        ("America/New_York", "-14400 EDT true", "-18000 EST false"),
        ("Asia/Kolkata", "19800 IST false", "19800 IST false"),
        ("America/Sao_Paulo", "-10800 -03 false", "-10800 -03 false"),
        ("UTC", "0 UTC false", "0 UTC false"), ("", "0 UTC false", "0 UTC false"),
    ])
    func clocksOfPlaces(name: String, summer: String, winter: String) throws {
        let zone = try Zone(named: name)
        #expect(shown(zone, Self.summer) == summer)
        #expect(shown(zone, Self.winter) == winter)
        // Behind the last change of the file, by its rule: 400 years have as many days each time.
        #expect(shown(zone, Self.summer + 400 * 31_556_952) == summer)
        #expect(shown(zone, Self.winter + 400 * 31_556_952) == winter)
    }

    @Test func clocksOfThePast() throws {
        let berlin = try Zone(named: "Europe/Berlin")
        #expect(shown(berlin, -3_000_000_000) == "3208 LMT false")
        #expect(shown(berlin, .min) == "3208 LMT false")
        #expect(!shown(berlin, .max).isEmpty)
    }

    @Test(arguments: [
        ("Europe/Atlantis", "unknown time zone Europe/Atlantis"),
        ("GMT+2", "unknown time zone GMT+2"), ("Europe", "unknown time zone Europe"),
        ("../../etc/passwd", "time: invalid location name"),
        ("/etc/localtime", "time: invalid location name"),
        ("tzdata.zi", "unknown time zone tzdata.zi"),
    ])
    func unknownNames(name: String, problem: String) {
        #expect { try Zone(named: name) } throws: { "\($0)" == problem }
    }

    @Test(arguments: [
        ("Asia/Shanghai", "Asia/Shanghai", "28800 CST false"),
        (":Asia/Shanghai", "Asia/Shanghai", "28800 CST false"),
        (
            "/usr/share/zoneinfo/Asia/Shanghai", "/usr/share/zoneinfo/Asia/Shanghai",
            "28800 CST false"
        ),
        (":/usr/share/zoneinfo/Asia/Tokyo", "/usr/share/zoneinfo/Asia/Tokyo", "32400 JST false"),
        ("", "UTC", "0 UTC false"), (":", "UTC", "0 UTC false"), ("UTC", "UTC", "0 UTC false"),
        ("No/Where", "UTC", "0 UTC false"), ("/no/where", "UTC", "0 UTC false"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "UTC", "0 UTC false"),
    ])
    func theMachinesZone(setting: String, name: String, clock: String) {
        let zone = Zone.local(setting)
        #expect(zone.name == name)
        #expect(zone.isLocal)
        #expect(shown(zone, Self.winter) == clock)
    }

    @Test func theMachinesZoneWithoutTZ() {
        let hasFile = FileManager.default.fileExists(atPath: "/etc/localtime")
        #expect(Zone.local(nil).name == (hasFile ? "Local" : "UTC"))
    }

    /// In Berlin clocks went from 02:00 to 03:00 at 2026-03-29 01:00 UTC, and back in October.
    @Test(arguments: [
        ("2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z"),
        ("2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"),
        ("2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"),
        ("2026-10-25T02:30:00Z", "2026-10-25T01:30:00Z"),
        ("2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"),
    ])
    func momentsOfClocks(shown: String, moment: String) throws {
        func seconds(_ text: String) throws -> Int64 {
            Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970)
        }
        let berlin = try Zone(named: "Europe/Berlin")
        #expect(berlin.moment(shownAs: try seconds(shown)) == (try seconds(moment)))
    }
}
