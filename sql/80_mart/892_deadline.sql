-- 892 deadline
-- Why: what is overdue, due and about to begin, in working days (Art. 35, 36, 37, 44).
-- Grain: one row per open matter of a practitioner.
-- Reads: core.points_deadline
-- Writes: mart.deadline
-- Params: none
SELECT
  practitioner_code, kind,
  CASE kind
    WHEN 'notice' THEN '送达处理通知书'
    WHEN 'registry' THEN '维护登记备案状态'
    WHEN 'appeal' THEN '申诉期满，可作出处理决定'
    WHEN 'restoration_request' THEN '申请恢复资格'
    WHEN 'restoration_decision' THEN '审核恢复申请'
    WHEN 'block_start' THEN '暂停或终止开始执行'
  END AS title,
  day_date(due_day) AS due_on, state, article, ref_no, problem AS note
FROM core.points_deadline
ORDER BY due_day NULLS LAST, practitioner_code, deadline_no
