/** What a run of the shipped sample comes to, as samples/README.md says. */
export const sampleCounts = {
  left: 2000,
  right: 2000,
  matched: 1730,
  unmatched_left: 295,
  unmatched_right: 290,
  matched_left_rows: 1705,
  matched_right_rows: 1710,
};
