package nexus.query

# METADATA
# title: A query of the past has an end
# description: |
#   What is read by its time is read from the disk, and a long span is much of it. The longest span
#   is data.nexus.limits.query.span_seconds_max; without it the rule says nothing.
# custom:
#   rule: query_span_is_bounded
deny contains {
	"rule": "query_span_is_bounded",
	"message": sprintf("ask for at most %d seconds at a time; this is %s", [limit, span]),
} if {
	limit := data.nexus.limits.query.span_seconds_max
	not within(limit)
	span := span_text
}

# METADATA
# title: Wide queries leave reads for others of the same caller
# description: |
#   The last reads by time that the rate of a caller leaves it are for narrow ones: a span beyond
#   data.nexus.limits.query.wide_seconds needs more than wide_reads_left_min of them.
# custom:
#   rule: wide_query_needs_rate
deny contains {
	"rule": "wide_query_needs_rate",
	"message": sprintf(
		"a span beyond %d seconds is read only while more than %d reads by time are left; there are %d",
		[limits.wide_seconds, limits.wide_reads_left_min, input.rate.temporal_reads_left],
	),
} if {
	limits := data.nexus.limits.query
	not within(limits.wide_seconds)
	input.rate.temporal_reads_left <= limits.wide_reads_left_min
}

within(limit) if input.time.span <= limit

span_text := sprintf("%d", [input.time.span])

default span_text := "all since the beginning"
