import Model
import Rules
import Testing

struct GroupScheduleTests {
    let start = Timestamp(milliseconds: 1_767_603_600_000)

    @Test func aReplayStartsAtTheStart() {
        var schedule = GroupSchedule(startingAt: start, interval: .seconds(30))
        #expect(schedule.take(now: start) == start)
        #expect(schedule.take(now: start) == nil)
        #expect(schedule.next == start + .seconds(30))
        #expect(schedule.take(now: start + .seconds(30)) == start + .seconds(30))
        #expect(schedule.iterationsMissed == 0)
        #expect(schedule.iterationsScheduled == 2)
    }

    @Test func whatWasMissedIsSkippedAndCounted() {
        var schedule = GroupSchedule(startingAt: start, interval: .seconds(30))
        _ = schedule.take(now: start)
        #expect(schedule.take(now: start + .seconds(100)) == start + .seconds(90))
        #expect(schedule.iterationsMissed == 2)
        #expect(schedule.iterationsScheduled == 4)
        #expect(schedule.next == start + .seconds(120))
    }

    @Test func aLivePhaseIsStableAndWithinTheInterval() {
        var phases = Set<Int64>()
        for index in 0..<100 {
            let name = "group \(index)"
            let first = GroupSchedule(
                file: "rules.yml", group: name, interval: .seconds(30), now: start)
            #expect(first.next > start && first.next <= start + .seconds(30))
            let later = GroupSchedule(
                file: "rules.yml", group: name, interval: .seconds(30),
                now: start + .seconds(300) + Milliseconds(7))
            #expect((later.next - first.next).value % 30_000 == 0)
            let phase = GroupSchedule.phase(
                file: "rules.yml", group: name, interval: .seconds(30))
            #expect((first.next.milliseconds - phase.value) % 30_000 == 0)
            phases.insert(phase.value)
        }
        #expect(phases.count > 90)
    }

    @Test func aTimeBeforeTheEpochHasAPhaseToo() {
        let early = Timestamp(milliseconds: -12_345)
        let schedule = GroupSchedule(file: "f", group: "g", interval: .seconds(30), now: early)
        #expect(schedule.next > early)
        #expect(schedule.next <= early + .seconds(30))
    }
}
