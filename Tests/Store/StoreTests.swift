import Model
import Store
import Testing

@Suite struct StoreTests {
    @Test func aFrameIsReadBack() {
        let store = Store()
        let axis = store.openAxis("a")
        let slot = axis.slot(for: Labels(["__name__": "up", "job": "api"]))
        #expect(slot == 0)
        #expect(axis.commit(at: Timestamp(milliseconds: 1000), values: [1]))
        #expect(!axis.commit(at: Timestamp(milliseconds: 1000), values: [2]))
        let selection = store.select([.equal("__name__", "up")])
        #expect(selection.labels == [Labels(["__name__": "up", "job": "api"])])
        var (values, timestamps) = ([Double](), [Int64]())
        selection.instant(
            at: Timestamp(milliseconds: 2000), lookback: .minutes(5), pin: store.pin(),
            values: &values, timestamps: &timestamps)
        #expect(values == [1])
        #expect(timestamps == [1000])
    }
}
