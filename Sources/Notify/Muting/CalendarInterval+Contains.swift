import Configuration
import Model

extension CalendarInterval {
    /// Whether the moment lies in it, in its own time zone.
    public func contains(_ moment: Timestamp) -> Bool {
        var seconds = moment.milliseconds / 1000
        if moment.milliseconds % 1000 < 0 { seconds -= 1 }
        if let location {
            seconds = seconds.addingSaturating(Int64(location.clock(at: seconds).offset))
        }
        let time = CivilTime(secondsSinceEpoch: seconds)
        let minute = time.hour * 60 + time.minute
        return (times.isEmpty || times.contains { $0.contains(minute) })
            && (daysOfMonth.isEmpty || daysOfMonth.contains { $0.contains(time) })
            && (months.isEmpty || months.contains { $0.contains(time.month) })
            && (weekdays.isEmpty || weekdays.contains { $0.contains(time.weekday) })
            && (years.isEmpty || years.contains { $0.contains(time.year) })
    }
}

extension CalendarInterval.DayRange {
    /// Negative days count from the month's end; a range is cut to the month, and one that begins
    /// after it is empty.
    fileprivate func contains(_ time: CivilTime) -> Bool {
        let days = time.daysInMonth
        let begin = first < 0 ? days + first + 1 : first
        if begin > days { return false }
        let end = min(last < 0 ? days + last + 1 : last, days)
        return begin <= time.day && time.day <= end
    }
}
