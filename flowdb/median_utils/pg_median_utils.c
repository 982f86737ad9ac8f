/*
 * Median filters as window functions. PostgreSQL lets only C define those.
 *
 * Each computes the whole partition at its first row, whatever the frame, keeps the results for as long as
 * the partition lasts, and then hands them out row by row.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/float.h"
#include "utils/memutils.h"
#include "windowapi.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(iterated_median_filter);
PG_FUNCTION_INFO_V1(rolling_median_impute);

/* The values of a partition, in its order. */
typedef struct Series
{
    int64 length;
    double *values;
    bool *nulls;
} Series;

/* What lasts as long as the partition; it starts as zeros. */
typedef struct Results
{
    Series *series;
} Results;

/* A sorted collection of the values that a window holds. */
typedef struct Window
{
    int64 count;
    double *sorted;
} Window;

static int64
position_of(const Window *window, double value)
{
    int64 low = 0;
    int64 high = window->count;

    while (low < high)
    {
        int64 middle = low + (high - low) / 2;

        if (float8_lt(window->sorted[middle], value))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
put_in(Window *window, double value)
{
    int64 position = position_of(window, value);

    memmove(window->sorted + position + 1, window->sorted + position, (window->count - position) * sizeof(double));
    window->sorted[position] = value;
    window->count++;
}

static void
take_out(Window *window, double value)
{
    int64 position = position_of(window, value);

    window->count--;
    memmove(window->sorted + position, window->sorted + position + 1, (window->count - position) * sizeof(double));
}

static double
median_of(const Window *window)
{
    int64 upper = window->count / 2;

    if (window->count % 2 == 1)
        return window->sorted[upper];
    return (window->sorted[upper - 1] + window->sorted[upper]) / 2;
}

static Window *
new_window(int64 capacity)
{
    Window *window = palloc(sizeof(Window));

    window->count = 0;
    window->sorted = palloc_extended(capacity * sizeof(double), MCXT_ALLOC_HUGE);
    return window;
}

/* Read the values into memory of the given context; what their expression leaves behind goes with the row. */
static Series *
read_partition(WindowObject winobj, MemoryContext context)
{
    Series *series = MemoryContextAlloc(context, sizeof(Series));

    series->length = WinGetPartitionRowCount(winobj);
    if (series->length > PG_INT32_MAX)
        ereport(ERROR,
                (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                 errmsg("a partition has " INT64_FORMAT " rows, more than median filters take", series->length)));
    series->values = MemoryContextAllocHuge(context, series->length * sizeof(double));
    series->nulls = MemoryContextAllocHuge(context, series->length * sizeof(bool));
    for (int64 row = 0; row < series->length; row++)
    {
        bool isout;
        Datum value = WinGetFuncArgInPartition(
            winobj, 0, (int) row, WINDOW_SEEK_HEAD, false, &series->nulls[row], &isout);

        series->values[row] = series->nulls[row] ? 0 : DatumGetFloat8(value);
    }
    return series;
}

static int
read_window_size(WindowObject winobj, const char *function)
{
    bool isnull;
    int window_size = DatumGetInt32(WinGetFuncArgCurrent(winobj, 1, &isnull));

    if (isnull)
        ereport(ERROR,
                (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s: window is null, it must be positive", function)));
    return window_size;
}

/*
 * The median of each value and its neighbours, zeros beyond both ends, until a pass changes nothing. It ends: a
 * median filter brings every finite series to rest.
 */
static void
filter_series(Series *series, int window_size)
{
    int64 length = series->length;
    /* A window of twice the number of values and one more is filled by zeros for the most part, as any wider one is. */
    int64 half = (Min((int64) window_size, 2 * length + 1) - 1) / 2;
    double *filtered = palloc_extended(length * sizeof(double), MCXT_ALLOC_HUGE);
    Window *window = new_window(2 * half + 2);
    bool changed = true;

    while (changed)
    {
        const double *previous = series->values;

        changed = false;
        window->count = 0;
        for (int64 position = -half; position <= half; position++)
            put_in(window, position >= 0 && position < length ? previous[position] : 0);
        for (int64 row = 0; row < length; row++)
        {
            CHECK_FOR_INTERRUPTS();
            filtered[row] = median_of(window);
            if (float8_ne(filtered[row], previous[row]))
                changed = true;
            take_out(window, row - half >= 0 ? previous[row - half] : 0);
            put_in(window, row + half + 1 < length ? previous[row + half + 1] : 0);
        }
        memcpy(series->values, filtered, length * sizeof(double));
    }
}

/* A missing value becomes the median of the last known ones; too early for that, the first median there is. */
static void
impute_series(Series *series, int window_size)
{
    int64 known = 0;
    int64 missing_first = 0;
    double *recent;
    Window *window;

    for (int64 row = 0; row < series->length; row++)
        known += !series->nulls[row];
    if (known < window_size)
        return;
    recent = palloc_extended((Size) window_size * sizeof(double), MCXT_ALLOC_HUGE);
    window = new_window((int64) window_size + 1);
    known = 0;
    for (int64 row = 0; row < series->length; row++)
    {
        CHECK_FOR_INTERRUPTS();
        if (series->nulls[row])
        {
            if (known >= window_size)
            {
                series->values[row] = median_of(window);
                series->nulls[row] = false;
            }
            continue;
        }
        if (known >= window_size)
            take_out(window, recent[known % window_size]);
        recent[known % window_size] = series->values[row];
        put_in(window, series->values[row]);
        known++;
        if (known == window_size)
            for (; missing_first < row; missing_first++)
                if (series->nulls[missing_first])
                {
                    series->values[missing_first] = median_of(window);
                    series->nulls[missing_first] = false;
                }
    }
}

/* Return the results of the partition: those of the first call at all later ones. */
static Series *
results_of(WindowObject winobj, const char *function, void (*compute)(Series *, int), bool odd, bool complete)
{
    Results *results = WinGetPartitionLocalMemory(winobj, sizeof(Results));

    if (results->series == NULL)
    {
        int window_size = read_window_size(winobj, function);
        Series *series;

        if (window_size < 1 || (odd && window_size % 2 == 0))
            ereport(ERROR,
                    (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                     errmsg("%s: window is %d, it must be %spositive", function, window_size, odd ? "odd and " : "")));
        series = read_partition(winobj, GetMemoryChunkContext(results));
        if (complete)
            for (int64 row = 0; row < series->length; row++)
                if (series->nulls[row])
                    ereport(ERROR,
                            (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                             errmsg("%s: a value is null: leave it out, or impute it before", function)));
        compute(series, window_size);
        results->series = series;
    }
    return results->series;
}

static Datum
result_of_row(FunctionCallInfo fcinfo, WindowObject winobj, const Series *series)
{
    int64 row = WinGetCurrentPosition(winobj);

    if (series->nulls[row])
        PG_RETURN_NULL();
    PG_RETURN_FLOAT8(series->values[row]);
}

Datum
iterated_median_filter(PG_FUNCTION_ARGS)
{
    WindowObject winobj = PG_WINDOW_OBJECT();

    return result_of_row(fcinfo, winobj, results_of(winobj, "iterated_median_filter", filter_series, true, true));
}

Datum
rolling_median_impute(PG_FUNCTION_ARGS)
{
    WindowObject winobj = PG_WINDOW_OBJECT();

    return result_of_row(fcinfo, winobj, results_of(winobj, "rolling_median_impute", impute_series, false, false));
}
