import Model
import Store

/// A store of many series in memory: per target an axis, per frame a value of every series.
struct SyntheticStore {
    let store: Store
    let axes: [Axis]
    let seriesPerAxis: Int
    /// The time of the last frame.
    private(set) var now = Timestamp(milliseconds: 1_767_600_000_000)
    private var frame = 0
    private var values: [Double]

    /// The time between frames.
    static let interval = Milliseconds.seconds(15)

    /// `series` counters called `m`, a hundredth of them buckets of the histogram `h_bucket`.
    init(targets: Int, seriesPerTarget: Int, depth: Milliseconds) {
        var options = StoreOptions()
        options.retention = depth
        let store = Store(options)
        self.store = store
        seriesPerAxis = seriesPerTarget
        let bounds = ["0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"]
        axes = (0..<targets).map { target in
            let axis = store.openAxis("target-\(target)")
            let instance = Label("instance", "host-\(target):9100")
            for series in 0..<seriesPerTarget {
                let isBucket = series % 5 == 4
                var labels = [instance, Label("job", "job-\(target % 10)")]
                if isBucket {
                    let bucket = series / 5
                    labels.append(Label(Labels.name, "h_bucket"))
                    labels.append(Label("handler", "handler-\(bucket / bounds.count)"))
                    labels.append(Label("le", bounds[bucket % bounds.count]))
                } else {
                    labels.append(Label(Labels.name, "m_total"))
                    labels.append(Label("series", "series-\(series)"))
                    labels.append(Label("path", "/path/\(series % 50)"))
                }
                _ = axis.slot(for: Labels(labels))
            }
            return axis
        }
        values = [Double](repeating: 0, count: seriesPerTarget)
    }

    /// Writes so many frames on every axis.
    mutating func scrape(_ frames: Int) {
        for _ in 0..<frames {
            now = now + SyntheticStore.interval
            frame += 1
            let values = makeFrame()
            for axis in axes { axis.commit(at: now, values: values) }
        }
    }

    /// A frame's values: counters that rise, each at its own pace.
    mutating func makeFrame() -> [Double] {
        for series in values.indices {
            // Buckets of a histogram rise one above the other.
            let pace = series % 5 == 4 ? 1 + series / 5 % 8 : 1 + series % 97
            values[series] = 1e6 + Double(frame) * Double(pace) * 1.25
        }
        return values
    }
}
